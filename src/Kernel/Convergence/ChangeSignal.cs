using Nephos.Kernel.Data;

namespace Nephos.Kernel.Convergence;

/// <summary>Wakes all who wait for a change of a service's items: at once in this process, within a second through PostgreSQL.</summary>
internal sealed class ChangeSignal(Db db)
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private TaskCompletionSource current = New();

    /// <summary>In the transaction of the change.</summary>
    public Task Tell()
    {
        db.AfterCommit(() => Interlocked.Exchange(ref current, New()).TrySetResult());
        return Task.CompletedTask;
    }

    public async Task<Task> Listen(TimeSpan atMost, CancellationToken ct)
    {
        var here = Volatile.Read(ref current).Task;
        return db.Database.IsPostgres ? Ask(here, await db.Counters.Last("node_items"), atMost, ct) : Either(here, atMost, ct);
    }

    private async Task Ask(Task here, long known, TimeSpan atMost, CancellationToken ct)
    {
        var time = db.Database.Time;
        var began = time.GetTimestamp();
        while (time.GetElapsedTime(began) is var passed && passed < atMost)
        {
            await Either(here, atMost - passed < Poll ? atMost - passed : Poll, ct);
            if (here.IsCompleted || await db.Counters.Last("node_items") != known)
            {
                return;
            }
        }
    }

    private async Task Either(Task here, TimeSpan atMost, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(here, Task.Delay(atMost, db.Database.Time, over.Token));
        await over.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
