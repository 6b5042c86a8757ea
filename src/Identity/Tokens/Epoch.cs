using System.Diagnostics.CodeAnalysis;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Tokens;

/// <summary>
/// A number that rises with every change that could change what some token means. Caches are for one epoch. The change and the
/// number are one transaction. Where several controllers may share a database every question looks at the stored number, so that what was
/// revoked by one is revoked for all at once, and none answers that cannot look; questions at the same time share a look.
/// </summary>
internal sealed class Epoch(IdentityDb db, EventLog<IdentityDb> events) : IDisposable
{
    private const string Counter = "epoch";
    private readonly SemaphoreSlim _look = new(1);
    private long _local;
    private long _seen = -1;
    private long _asked;
    private long _answered;

    /// <summary>This process's number; it rises when the stored one does.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "Consumed once by the caller.")]
    public ValueTask<long> Current() => db.Database.IsPostgres ? new(Look()) : new(Volatile.Read(ref _local));

    /// <inheritdoc/>
    public void Dispose() => _look.Dispose();

    /// <summary>Runs a change in a transaction that raises the epoch.</summary>
    public async Task<T> Change<T>(Func<Task<T>> body)
    {
        try
        {
            return await db.InTransaction(async () =>
            {
                var result = await body();
                await Raise();
                return result;
            });
        }
        catch (BrokenReference) { throw Errors.GoneMeanwhile(); }
    }

    /// <inheritdoc cref="Change{T}(Func{Task{T}})"/>
    public Task Change(Func<Task> body) => Change(async () =>
    {
        await body();
        return true;
    });

    /// <summary>Runs a change that others may follow as an event, unless it is false: there was nothing to change.</summary>
    public Task<bool> Change(NewEvent what, Func<Task<bool>> body) => Change(async () =>
    {
        var changed = await body();
        if (changed) await events.Append(what);
        return changed;
    });

    /// <summary>Runs a change that others may follow as an event.</summary>
    public Task Change(NewEvent what, Func<Task> body) => Change(async () =>
    {
        await body();
        await events.Append(what);
    });

    private async Task Raise()
    {
        await db.Counters.Next(Counter);
        db.AfterCommit(() => Interlocked.Increment(ref _local));
    }

    private async Task<long> Look()
    {
        var mine = Interlocked.Increment(ref _asked);
        await _look.WaitAsync();
        try
        {
            // Only a look that began after the question answers it.
            if (_answered >= mine) return Volatile.Read(ref _local);
            var all = Volatile.Read(ref _asked);
            var stored = await Stored();
            if (_seen != stored) Interlocked.Increment(ref _local);
            (_seen, _answered) = (stored, all);
            return Volatile.Read(ref _local);
        }
        finally { _look.Release(); }
    }

    // Not in the transaction of whoever asks, which may be of the past.
    private Task<long> Stored()
    {
        using var apart = ExecutionContext.SuppressFlow();
        return Task.Run(() => db.Counters.Last(Counter));
    }
}
