using System.Diagnostics;

namespace Nephos.Kernel.Data;

/// <summary>
/// Writers of a SQLite file, one after another. Those that wait join the commit of those before them: each is a savepoint with an
/// outcome of its own, one write to the disk serves all, and all are answered after it.
/// </summary>
internal sealed class SqliteGate(SqliteSession writer, bool strict)
{
    private const int MaxMembers = 200;
    private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(20);

    private readonly Lock guard = new();
    private readonly Queue<TaskCompletionSource<Group>> waiting = new();
    private bool taken;

    public async Task<T> Run<T>(Func<Session, Task<T>> body)
    {
        var group = await Enter();
        Exception? failure = null;
        var result = default(T);
        try
        {
            Begin(group);
            result = await Body(group, body);
        }
        catch (Exception e)
        {
            failure = e;
        }
        if (Next(group) is { } next)
        {
            next.SetResult(group);
        }
        else
        {
            Commit(group);
            Leave();
        }
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
        await group.Committed.Task;
        return result!;
    }

    private async Task<T> Body<T>(Group group, Func<Session, Task<T>> body)
    {
        writer.Execute("SAVEPOINT member");
        try
        {
            var run = body(writer);
            if (strict && !run.IsCompleted)
            {
                await run;
                throw new InvalidOperationException("A transaction awaited something outside the database while it was open.");
            }
            var result = await run;
            writer.Execute("RELEASE member");
            return result;
        }
        catch (Exception e)
        {
            TakeBack(group, e);
            throw;
        }
    }

    private void TakeBack(Group group, Exception cause)
    {
        try
        {
            writer.Execute("ROLLBACK TO member; RELEASE member");
        }
        catch (Exception)
        {
            // Some errors (disk full) end the whole transaction by themselves: then nobody of this group was saved.
            group.Broken = cause;
        }
    }

    private void Begin(Group group)
    {
        if (group.Members++ == 0)
        {
            try
            {
                writer.Execute("BEGIN IMMEDIATE");
            }
            catch (Exception e)
            {
                group.Broken = e;
                throw;
            }
        }
    }

    private void Commit(Group group)
    {
        try
        {
            if (group.Broken is { } cause)
            {
                throw cause;
            }
            writer.Execute("COMMIT");
            group.Committed.SetResult();
        }
        catch (Exception e)
        {
            try
            {
                writer.Execute("ROLLBACK");
            }
            catch (Exception)
            {
                // Rolled back already.
            }
            group.Committed.SetException(e);
            _ = group.Committed.Task.Exception;
        }
    }

    private Task<Group> Enter()
    {
        lock (guard)
        {
            if (!taken)
            {
                taken = true;
                return Task.FromResult(new Group());
            }
            var turn = new TaskCompletionSource<Group>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(turn);
            return turn.Task;
        }
    }

    private TaskCompletionSource<Group>? Next(Group group)
    {
        lock (guard)
        {
            return group.Broken is null && group.Members < MaxMembers && Stopwatch.GetElapsedTime(group.Started) < MaxAge
                && waiting.TryDequeue(out var next) ? next : null;
        }
    }

    private void Leave()
    {
        TaskCompletionSource<Group>? next;
        lock (guard)
        {
            taken = waiting.TryDequeue(out next);
        }
        next?.SetResult(new Group());
    }

    private sealed class Group
    {
        public long Started { get; } = Stopwatch.GetTimestamp();
        public int Members { get; set; }
        public Exception? Broken { get; set; }
        public TaskCompletionSource Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
