using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Kernel.Audit;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Audit;

/// <summary>
/// Writes events beside the requests they are about, many in one transaction. Who records waits when it falls behind; who reads waits for
/// what was recorded before; what is left at the end of the program is written then.
/// </summary>
internal sealed class AuditTrail(AuditTable table, TimeProvider time, ILogger<AuditTrail> log) : BackgroundService, IAuditTrail
{
    private const int MaxWaiting = 10_000, MaxBatch = 500;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100), Pause = TimeSpan.FromSeconds(1);
    private readonly Channel<Entry> _waiting = Channel.CreateBounded<Entry>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    /// <summary>An event, or somebody who waits for those before.</summary>
    private readonly record struct Entry(AuditEvent? Event, TaskCompletionSource? Reader);

    public Task Record(AuditEvent happened) => _waiting.Writer.TryWrite(new(happened, null)) ? Task.CompletedTask : RecordLater(happened);

    public async Task<IReadOnlyList<AuditEvent>> Find(AuditQuery asked, CancellationToken ct)
    {
        // Later pages are of the past anyway.
        if (asked.Marker is null) await Written(ct);
        return await table.Find(asked);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Ends with the channel, not with the token: what waits is still written.
        await using var end = stoppingToken.Register(() => _waiting.Writer.TryComplete());
        var (batch, readers) = (new List<AuditEvent>(), new List<TaskCompletionSource>());
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await Gather(batch, readers);
            if (batch.Count > 0) await Save(batch, stoppingToken);
            readers.ForEach(r => r.TrySetResult());
            batch.Clear();
            readers.Clear();
        }
    }

    /// <summary>Takes what comes in a short time, so that one transaction does for many; less time if somebody wants to read, or nothing more will come.</summary>
    private async Task Gather(List<AuditEvent> batch, List<TaskCompletionSource> readers)
    {
        using var over = new CancellationTokenSource(Gathering, time);
        try
        {
            while (batch.Count < MaxBatch && readers.Count == 0)
            {
                var next = await _waiting.Reader.ReadAsync(over.Token);
                if (next.Event is { } happened) batch.Add(happened);
                else readers.Add(next.Reader!);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException) { }
    }

    private async Task Save(List<AuditEvent> batch, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await table.Insert(batch);
                return;
            }
            catch (DatabaseUnavailable e) when (!stop.IsCancellationRequested)
            {
                log.LogWarning(e, "{Count} events of the audit wait for the database", batch.Count);
                await Task.Delay(Pause, time, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            catch (Exception e)
            {
                log.LogError(e, "{Count} events of the audit could not be written; here they are", batch.Count);
                foreach (var lost in batch) log.LogError("{Event}", CadfEvent.Line(lost));
                return;
            }
        }
    }

    private async Task RecordLater(AuditEvent happened)
    {
        while (await _waiting.Writer.WaitToWriteAsync())
            if (_waiting.Writer.TryWrite(new(happened, null))) return;
        log.LogError("After the end of the audit: {Event}", CadfEvent.Line(happened));
    }

    private async Task Written(CancellationToken ct)
    {
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (await _waiting.Writer.WaitToWriteAsync(ct))
            if (_waiting.Writer.TryWrite(new(null, all)))
            {
                await all.Task.WaitAsync(ct);
                return;
            }
    }
}
