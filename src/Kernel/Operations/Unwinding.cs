using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Kernel.Data;

namespace Nephos.Kernel.Operations;

/// <summary>Takes an operation's steps back, the one that failed first, and ends it or goes forward again.</summary>
internal static class Unwinding
{
    private const int MaxAdopted = 5;
    private const int MaxEndings = 20;

    /// <summary>Turns a running operation around. Never waits.</summary>
    /// <param name="held">The operation.</param>
    /// <param name="fault">Why.</param>
    /// <param name="byDelete">A delete took over.</param>
    /// <param name="abandoned">A call still runs somewhere: what it does from now on must be refused.</param>
    public static async Task<bool> Begin(HeldOperation held, Fault fault, bool byDelete = false, bool abandoned = false)
    {
        var row = held.Row;
        var index = row.Step.Length == 0 ? 0 : held.Kind.IndexOf(row.Step);
        var step = index >= 0 ? held.Kind.AnySteps[index] : null;
        var back = byDelete || index < 0 ? null : step?.Retry?.Invoke(row.State, fault);
        if (back is { } to && (held.Kind.IndexOf(to.ToStep) is var target && (target < 0 || target > index)))
        {
            throw new InvalidOperationException($"{row.Kind} cannot go back from '{row.Step}' to '{to.ToStep}'.");
        }
        held.Runner.Log.LogInformation("{Kind} for {Resource} unwinds from {Step}: {Fault}", row.Kind, row.Resource, step?.Name ?? row.Step, fault.AdminDetail ?? fault.Message);
        await held.Save(row with
        {
            Status = OperationStatus.Undoing,
            Step = step?.Name ?? row.Step,
            UndoTo = back?.ToStep,
            RetryState = back?.State,
            Preempted = byDelete,
            Fault = StoredJson.Write(StoredFault.Of(fault)),
            Adopted = 0,
            EnteredAt = held.Runner.Operations.Db.Now,
        }, timeline: byDelete ? null : (step?.Name ?? row.Step, step?.Event, fault.AdminDetail ?? fault.Message), newEpoch: abandoned);
        return false;
    }

    /// <summary>Takes one step back. True: not yet.</summary>
    public static async Task<bool> Turn(HeldOperation held, CancellationToken stop)
    {
        var row = held.Row;
        var index = held.Kind.IndexOf(row.Step);
        var step = index >= 0 ? held.Kind.AnySteps[index] : null;
        if (step?.Undo is { } undo)
        {
            string? left = null;
            if (row.Adopted >= MaxAdopted)
            {
                left = $"{step.Name}: taking it back ended the program {row.Adopted} times.";
            }
            else if (held.Left <= TimeSpan.Zero)
            {
                left = $"{step.Name}: not taken back within {step.UndoDeadline.TotalSeconds:0} s." + (held.LastError is null ? "" : $" Last error: {held.LastError}");
            }
            else if (!await Undo(held, step.Name, undo, stop))
            {
                if (row.Adopted > 0)
                {
                    await held.Save(row with { Adopted = 0 });
                }
                return true;
            }
            if (left is not null)
            {
                held.Runner.Log.LogError("{Kind} for {Resource} leaves something behind: {Left}", row.Kind, row.Resource, left);
                // Going forward again beside what is left could make a second copy of it.
                row = row with { LeftBehind = StoredJson.Write<string[]>([.. Left(row), left]), UndoTo = null, RetryState = null };
            }
        }
        await Next(held, row, index);
        held.Runner.Crash.At(row.Kind, "undo-" + row.Step, "after");
        return false;
    }

    private static async Task<bool> Undo(HeldOperation held, string step, Func<string, OperationContext, Task<bool>> undo, CancellationToken stop)
    {
        held.Runner.Crash.At(held.Row.Kind, "undo-" + step, "before");
        try
        {
            if (!await held.Bounded(undo, stop))
            {
                return false;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && held.Left <= TimeSpan.Zero)
        {
            return false;
        }
        catch (StepIgnoresCancellation)
        {
            return false;
        }
        held.Runner.Crash.At(held.Row.Kind, "undo-" + step, "inside");
        return true;
    }

    private static Task Next(HeldOperation held, OperationRow row, int index)
    {
        var now = held.Runner.Operations.Db.Now;
        var step = index >= 0 ? held.Kind.AnySteps[index] : null;
        (string, string?, string?)? line = step?.Undo is null ? null : ("undo-" + step.Name, null, Left(row).LastOrDefault(l => l.StartsWith(step.Name + ":", StringComparison.Ordinal)));
        if (row.UndoTo is not null && row.Step == row.UndoTo)
        {
            return held.Save(row with { Status = OperationStatus.Running, UndoTo = null, State = row.RetryState!, RetryState = null, Fault = null, Adopted = 0, EnteredAt = now }, timeline: line, newEpoch: true);
        }
        // Steps without an undo are passed over without a write.
        var stopAt = row.UndoTo is null ? 0 : held.Kind.IndexOf(row.UndoTo);
        for (var i = index - 1; i >= stopAt; i--)
        {
            if (held.Kind.AnySteps[i].Undo is not null || i == stopAt && row.UndoTo is not null)
            {
                return held.Save(row with { Step = held.Kind.AnySteps[i].Name, Adopted = 0, EnteredAt = now }, timeline: line);
            }
        }
        return End(held, row, line);
    }

    private static async Task End(HeldOperation held, OperationRow row, (string, string?, string?)? line)
    {
        var fault = StoredJson.Read<StoredFault>(row.Fault!).ToFault();
        var ended = row with { Status = OperationStatus.Failed, EndedAt = held.Runner.Operations.Db.Now };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await held.Save(ended, () => row.Preempted ? held.Kind.AnyPreempted(row.State) : held.Kind.AnyFailed(row.State, new OperationFailure(fault, row.Step, Left(row))), line);
                return;
            }
            catch (Exception e) when (e is not LeaseLost and not DatabaseUnavailable && attempt < MaxEndings)
            {
                held.Runner.Log.LogError(e, "{Kind} for {Resource} cannot write down that it failed", row.Kind, row.Resource);
                await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt), held.Runner.Time);
            }
            catch (Exception e) when (e is not LeaseLost and not DatabaseUnavailable)
            {
                // The resource must not be kept for ever by a bug in its operation.
                held.Runner.Log.LogCritical(e, "{Kind} for {Resource} is given up without a word in its rows", row.Kind, row.Resource);
                await held.Save(ended, null, line);
                return;
            }
        }
    }

    private static string[] Left(OperationRow row) => row.LeftBehind is null ? [] : StoredJson.Read<string[]>(row.LeftBehind);
}
