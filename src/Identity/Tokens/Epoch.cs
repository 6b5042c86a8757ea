using System.Diagnostics.CodeAnalysis;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Tokens;

/// <summary>
/// A number that rises with every change that could change what some token means. Caches are for one epoch. The change and the
/// number are one transaction; this process knows at once, other controllers look once a second and cannot answer when they cannot look.
/// </summary>
internal sealed class Epoch(IdentityDb db, EventLog<IdentityDb> events)
{
    private const string Counter = "epoch";
    private static readonly TimeSpan Trusted = TimeSpan.FromSeconds(1);
    private long _local;
    private long _seen = -1;
    private long _checkedAt;

    /// <summary>This process's number; it rises when the stored one does.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "Consumed once by the caller.")]
    public ValueTask<long> Current() => !db.Database.IsPostgres || Fresh ? new(Volatile.Read(ref _local)) : new(Look());

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

    /// <summary>Runs a change that others may follow as an event.</summary>
    public Task<T> Change<T>(NewEvent what, Func<Task<T>> body) => Change(async () =>
    {
        var result = await body();
        await events.Append(what);
        return result;
    });

    /// <inheritdoc cref="Change{T}(NewEvent, Func{Task{T}})"/>
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

    private bool Fresh => Volatile.Read(ref _seen) >= 0 && db.Database.Time.GetElapsedTime(Volatile.Read(ref _checkedAt)) < Trusted;

    private async Task<long> Look()
    {
        var now = db.Database.Time.GetTimestamp();
        var stored = await db.Counters.Last(Counter);
        if (Interlocked.Exchange(ref _seen, stored) != stored) Interlocked.Increment(ref _local);
        Volatile.Write(ref _checkedAt, now);
        return Volatile.Read(ref _local);
    }
}
