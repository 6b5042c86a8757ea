using Npgsql;

namespace Nephos.Kernel.Data;

/// <summary>What transactions tell every controller at their commit: one session of this process listens for all services. A notice carries nothing; who hears one looks.</summary>
internal sealed class PostgresNotices(NpgsqlDataSource source) : IAsyncDisposable
{
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private volatile bool complete;
    private Task listening = Task.CompletedTask;
    private bool begun;

    /// <summary>The service that told; null when some may have been missed.</summary>
    public event Action<string?>? Heard;

    /// <summary>True while none is missed.</summary>
    public bool Complete => complete;

    /// <summary>In a transaction: tells when it commits.</summary>
    public static SqlText Tell(string service) => $"SELECT pg_notify('nephos', {service})::text";

    /// <summary>Begins to listen, once.</summary>
    public void Begin()
    {
        lock (gate)
        {
            if (!begun)
            {
                begun = true;
                listening = Listen();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await listening;
        stop.Dispose();
    }

    private async Task Listen()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var session = await source.OpenConnectionAsync(stop.Token);
                session.Notification += (_, e) => Heard?.Invoke(e.Payload);
                await Run("LISTEN nephos", session);
                Now(true);
                while (true)
                {
                    if (!await session.WaitAsync(Check, stop.Token))
                    {
                        await Run("SELECT 1", session);
                    }
                }
            }
            catch (Exception e) when (e is NpgsqlException or System.Net.Sockets.SocketException or IOException or OperationCanceledException) { /* Its users ask until we are back. */ }
            Now(false);
            await Task.Delay(Pause, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Now(bool isComplete)
    {
        complete = isComplete;
        Heard?.Invoke(null);
    }

    private async Task Run(string text, NpgsqlConnection session)
    {
        await using var command = new NpgsqlCommand(text, session);
        await command.ExecuteNonQueryAsync(stop.Token);
    }
}
