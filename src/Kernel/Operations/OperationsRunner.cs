using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;

namespace Nephos.Kernel.Operations;

/// <summary>
/// Runs the operations of one service in this process. Those it holds are in memory, each driven by one task, so none runs twice here;
/// at start, and on PostgreSQL every two seconds, it adopts what nobody alive holds.
/// </summary>
public class OperationsRunner(Operations operations, IEnumerable<Operation> kinds, OperationsOptions options, TimeProvider time, ILogger<OperationsRunner> log) : BackgroundService
{
    private static readonly TimeSpan SweepAlone = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SweepShared = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Keep = TimeSpan.FromDays(90);

    private readonly ConcurrentDictionary<Guid, HeldOperation> held = new();
    private readonly ConcurrentDictionary<string, HeldOperation> byResource = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> limits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Operation> byKind = kinds.Where(k => k.Db.Service == operations.Db.Service).ToDictionary(k => k.Kind, StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private Incarnation? incarnation;

    /// <summary>The service.</summary>
    public string Service => operations.Db.Service;

    /// <summary>How many operations this process holds.</summary>
    public int Held => held.Count;

    internal string? Holder => incarnation?.Id;

    internal OperationTable Table { get; } = new(operations.Db);

    internal Operations Operations => operations;

    internal OperationsOptions Options => options;

    internal TimeProvider Time => time;

    internal ILogger Log => log;

    internal CrashHook Crash { get; } = new(options.AllowCrash);

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        incarnation = await Incarnation.Begin(operations.Db, Table);
        operations.Runner = this;
        await Sweep();
        await Table.Purge(operations.Db.Now - Keep);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        operations.Runner = null;
        await stopping.CancelAsync();
        await base.StopAsync(cancellationToken);
        await Task.WhenAny(Task.WhenAll(held.Values.Select(h => h.Ended)), Task.Delay(Timeout.Infinite, cancellationToken));
        if (incarnation is { } mine)
        {
            // Let go in order: the next holder does not count it as a death.
            await Table.Rename(mine.Id, null);
            await Table.RemoveIncarnation(mine.Id);
            await mine.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        stopping.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await Task.WhenAll(KeepAlive(stoppingToken), KeepSweeping(stoppingToken));

    /// <summary>Holds an operation this process has just started.</summary>
    internal void Take(OperationRow row)
    {
        if (row.Holder == Holder)
        {
            Hold(row);
        }
        else
        {
            // Started while this runner was not there yet.
            _ = Sweep();
        }
    }

    internal bool Nudge(string resource)
    {
        if (!byResource.TryGetValue(resource, out var operation))
        {
            return false;
        }
        operation.Wake();
        return true;
    }

    internal bool Preempt(Guid id)
    {
        if (!held.TryGetValue(id, out var operation))
        {
            return false;
        }
        operation.Preempt();
        return true;
    }

    internal AnyStep? StepOf(string kind, string step) => !byKind.TryGetValue(kind, out var operation) ? null
        : step.Length == 0 ? operation.AnySteps[0] : operation.AnySteps.FirstOrDefault(s => s.Name == step);

    internal SemaphoreSlim? LimitOf(Operation kind) =>
        kind.Limit == int.MaxValue ? null : limits.GetOrAdd(kind.Kind, _ => new SemaphoreSlim(kind.Limit));

    internal void Forget(HeldOperation operation)
    {
        held.TryRemove(operation.Row.Id, out _);
        byResource.TryRemove(KeyValuePair.Create(operation.Row.Resource, operation));
        OperationMetrics.Live.Add(-1);
    }

    /// <summary>Claims what nobody alive holds.</summary>
    internal async Task Sweep()
    {
        try
        {
            if (Holder is not { } me)
            {
                return;
            }
            var rows = (await Table.NotHeldBy(me)).Where(r => !held.ContainsKey(r.Id)).ToList();
            var dead = await Incarnation.Dead(operations.Db, rows.Select(r => r.Holder).OfType<string>());
            foreach (var row in rows.Where(r => r.Holder is null || dead.Contains(r.Holder)))
            {
                if (await Table.Claim(row, me) is { } mine)
                {
                    OperationMetrics.Adopted.Add(row.Holder is null ? 0 : 1, new KeyValuePair<string, object?>("kind", row.Kind));
                    Hold(mine);
                }
            }
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            log.LogWarning(e, "Operations of {Service} cannot be looked for now", Service);
        }
    }

    /// <summary>
    /// Catches up with what follows a commit and was lost: its answer did not come, or a message from another controller. Deletes that are asked
    /// for are passed on; what this process should hold and does not is taken up again.
    /// </summary>
    /// <param name="suspects">What was missing the last time: what was only just committed is about to be held.</param>
    /// <returns>What is missing now.</returns>
    internal async Task<HashSet<(Guid Id, long Epoch)>> CatchUp(HashSet<(Guid Id, long Epoch)> suspects)
    {
        var missing = new HashSet<(Guid Id, long Epoch)>();
        try
        {
            if (Holder is not { } me)
            {
                return missing;
            }
            foreach (var (id, epoch, delete) in await Table.HeldBy(me))
            {
                if (!held.TryGetValue(id, out var operation))
                {
                    missing.Add((id, epoch));
                }
                else if (delete)
                {
                    operation.Preempt();
                }
            }
            foreach (var (id, epoch) in missing.Where(suspects.Contains))
            {
                if (await Table.Find(id) is { } row && row.Epoch == epoch && byKind.ContainsKey(row.Kind) && await Table.Claim(row, me) is { } mine)
                {
                    log.LogWarning("Operation {Operation} was held by nobody; it goes on", id);
                    Hold(mine);
                }
            }
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            log.LogWarning(e, "Operations of {Service} cannot be looked for now", Service);
        }
        return missing;
    }

    private void Hold(OperationRow row)
    {
        if (!byKind.TryGetValue(row.Kind, out var kind))
        {
            log.LogError("Operation {Operation} is of the kind {Kind}, which this release does not have", row.Id, row.Kind);
            return;
        }
        var operation = new HeldOperation(this, kind, row);
        if (!stopping.IsCancellationRequested && held.TryAdd(row.Id, operation))
        {
            byResource[row.Resource] = operation;
            OperationMetrics.Live.Add(1);
            operation.Start(stopping.Token);
        }
    }

    private async Task KeepSweeping(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(operations.Db.Database.IsPostgres ? SweepShared : SweepAlone, time);
        var missing = new HashSet<(Guid, long)>();
        while (await timer.WaitForNextTickAsync(stop))
        {
            await Sweep();
            missing = await CatchUp(missing);
        }
    }

    private async Task KeepAlive(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await incarnation!.Listen(Heard, stop);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.LogWarning(e, "The session that keeps the operations of {Service} broke", Service);
                await Revive(stop);
            }
        }
    }

    // Others may have taken what we held. What they did not take goes on under the new name; the rest is fenced by its epoch.
    private async Task Revive(CancellationToken stop)
    {
        var old = incarnation!;
        try
        {
            var next = await Incarnation.Begin(operations.Db, Table);
            incarnation = next;
            await Table.Rename(old.Id, next.Id);
            await Table.RemoveIncarnation(old.Id);
            await old.DisposeAsync();
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            log.LogWarning(e, "No new session yet");
            await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
        }
    }

    private void Heard(string message)
    {
        if (message.StartsWith("delete ", StringComparison.Ordinal))
        {
            Preempt(Guid.Parse(message.AsSpan(7)));
        }
        else
        {
            Nudge(message);
        }
    }
}

/// <summary>The runner of the service that owns <typeparamref name="TDb"/>.</summary>
public sealed class OperationsRunner<TDb>(Operations<TDb> operations, IEnumerable<Operation> kinds, OperationsOptions options, TimeProvider time, ILogger<OperationsRunner> log)
    : OperationsRunner(operations, kinds, options, time, log) where TDb : Db;
