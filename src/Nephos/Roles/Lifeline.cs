using System.Runtime.InteropServices;
using System.Text.Json;

namespace Nephos.Roles;

/// <summary>
/// Standard input of a role that runs as a process of its own: one line of JSON says what to do, and its end means that the parent is gone,
/// however that ended. (A parent-death signal would not do: it comes when the *thread* that started us ends.)
/// </summary>
static class Lifeline
{
    public static async Task<int> Live<T>(Func<T, CancellationToken, Task<int>> run, CancellationToken ct)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        var line = await input.ReadLineAsync(ct);
        if (string.IsNullOrEmpty(line))
        {
            await Console.Error.WriteLineAsync("nephos: this is started by `nephos up`, not by hand.");
            return 2;
        }
        using var stop = new StopSignals(ct);
        var start = JsonSerializer.Deserialize<T>(line, Link.LinkJson.Options)!;
        var parent = WaitForEnd(input, stop);
        return await run(start, stop.Token);
    }

    static async Task WaitForEnd(StreamReader input, StopSignals stop)
    {
        while (await input.ReadLineAsync() is not null) { }
        stop.Stop();
    }
}

/// <summary>A token that is cancelled by SIGTERM, SIGINT, SIGHUP or <see cref="Stop"/>; a second signal ends the process the usual way.</summary>
sealed class StopSignals : IDisposable
{
    readonly CancellationTokenSource source;
    readonly List<PosixSignalRegistration> registrations = [];

    public StopSignals(CancellationToken ct)
    {
        source = CancellationTokenSource.CreateLinkedTokenSource(ct);
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP])
            registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = !source.IsCancellationRequested;
                Stop();
            }));
    }

    public CancellationToken Token => source.Token;

    public void Stop()
    {
        try { source.Cancel(); }
        catch (ObjectDisposedException) { /* Ended meanwhile. */ }
    }

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        source.Dispose();
    }
}
