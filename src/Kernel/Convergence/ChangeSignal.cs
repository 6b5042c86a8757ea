using Nephos.Kernel.Data;

namespace Nephos.Kernel.Convergence;

/// <summary>Wakes all who wait for a change of a service's items: in this process, and through PostgreSQL in every other controller.</summary>
internal sealed class ChangeSignal
{
    // While notices cannot be heard.
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private readonly Db db;
    private readonly PostgresNotices? notices;
    private TaskCompletionSource current = New();

    public ChangeSignal(Db db)
    {
        (this.db, notices) = (db, db.Database.Notices);
        if (notices is not null)
        {
            notices.Heard += service =>
            {
                if (service is null || service == db.Service)
                {
                    Wake();
                }
            };
        }
    }

    /// <summary>In the transaction of the change.</summary>
    public async Task Tell()
    {
        if (notices is not null)
        {
            await db.Scalar<string>(PostgresNotices.Tell(db.Service));
        }
        db.AfterCommit(Wake);
    }

    public async Task<Task> Listen(TimeSpan atMost, CancellationToken ct)
    {
        var here = Volatile.Read(ref current).Task;
        if (notices is null)
        {
            return Either(here, atMost, ct);
        }
        notices.Begin();
        return notices.Complete ? Either(here, atMost, ct) : Ask(here, await db.Counters.Last("node_items"), atMost, ct);
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

    private void Wake() => Interlocked.Exchange(ref current, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
