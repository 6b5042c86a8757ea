namespace Nephos.Kernel.Data;

/// <summary>An open transaction, found by the statements inside it through their flow of execution.</summary>
internal sealed class Transaction(Db owner, Session session)
{
    private readonly List<Action> committed = [];
    private int depth;

    public Db Owner => owner;

    public Session Session => session;

    /// <summary>A flow that outlives its transaction (fire and forget) must not reuse its connection.</summary>
    public bool Ended { get; set; }

    /// <summary>PostgreSQL refuses every statement after a failed one; so does this, on both, lest code works on SQLite only.</summary>
    public bool Failed { get; set; }

    public void AfterCommit(Action action) => committed.Add(action);

    public void RunCommitted()
    {
        foreach (var action in committed)
        {
            action();
        }
    }

    /// <summary>A part that may fail alone.</summary>
    public async Task<T> Nested<T>(Func<Task<T>> body)
    {
        var name = $"part{++depth}";
        var before = committed.Count;
        await session.Run($"SAVEPOINT {name}");
        try
        {
            var result = await body();
            if (!Failed)
            {
                await session.Run($"RELEASE SAVEPOINT {name}");
                return result;
            }
            throw new InvalidOperationException("A statement failed in this transaction and its error was swallowed; put what may fail into a nested InTransaction.");
        }
        catch (RunAgain)
        {
            throw;
        }
        catch (Exception)
        {
            await session.Run($"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}");
            committed.RemoveRange(before, committed.Count - before);
            Failed = false;
            throw;
        }
        finally
        {
            depth--;
        }
    }
}
