using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;

namespace Nephos.Kernel.Operations;

/// <summary>
/// One operation in memory, driven step by step by one task. While it waits it writes nothing: a nudge, a delete or a slowly growing
/// fallback makes it look again.
/// </summary>
internal sealed class HeldOperation(OperationsRunner runner, Operation kind, OperationRow row)
{
    private const int MaxAdopted = 5;
    private static readonly TimeSpan MaxBackOff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MinLeft = TimeSpan.FromSeconds(30);

    private readonly Signal signal = new();
    private readonly Lock guard = new();
    private CancellationTokenSource? running;
    private volatile bool preempt = row.DeleteKind is not null;

    public OperationRow Row { get; private set; } = row;

    public Operation Kind => kind;

    public OperationsRunner Runner => runner;

    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>What went wrong last, for the fault that ends the waiting.</summary>
    public string? LastError { get; private set; }

    /// <summary>When this step (or its undo) has to be finished, on the clock that nobody sets.</summary>
    public long DeadlineAt { get; private set; }

    private int Attempt { get; set; }

    private TimeSpan Fallback { get; set; }

    public void Start(CancellationToken stop)
    {
        // The request that started it must not flow into it: its transaction and its cancellation are over.
        using (ExecutionContext.SuppressFlow())
        {
            Ended = Task.Run(() => Drive(stop), CancellationToken.None);
        }
    }

    public void Wake() => signal.Set();

    public void Preempt()
    {
        if (preempt)
        {
            return;
        }
        preempt = true;
        lock (guard)
        {
            if (kind.Preemptible && Row.Status == OperationStatus.Running)
            {
                running?.Cancel();
            }
        }
        signal.Set();
    }

    private async Task Drive(CancellationToken stop)
    {
        RequestScope.Current = Row.RequestId is { } request ? new RequestScope(request, Row.UserId, Row.ProjectId) : null;
        using var scope = runner.Log.BeginScope(new Dictionary<string, object?> { ["request_id"] = Row.RequestId, ["operation"] = Row.Id, ["kind"] = Row.Kind, ["resource"] = Row.Resource });
        Entered(stored: Row.EnteredAt);
        try
        {
            while (Row.IsLive && !stop.IsCancellationRequested)
            {
                await Turn(stop);
            }
        }
        catch (LeaseLost)
        {
            runner.Log.LogWarning("Operation {Operation} is held by another process now", Row.Id);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Another life goes on with it.
        }
        finally
        {
            runner.Forget(this);
        }
    }

    private async Task Turn(CancellationToken stop)
    {
        var woken = signal.Armed();
        try
        {
            var wait = Row.Status == OperationStatus.Undoing ? await Unwinding.Turn(this, stop)
                : preempt && kind.Preemptible ? await Unwinding.Begin(this, Fault.Conflict("It was deleted meanwhile."), byDelete: true)
                : await Forward(stop);
            if (!wait)
            {
                return;
            }
            Attempt = 0;
            if (await Rest(Fallback, woken, stop))
            {
                // Only silence makes it look more seldom.
                Fallback = Min(Fallback * 1.5, runner.Options.FallbackMax);
            }
        }
        catch (Exception e) when (e is not LeaseLost && !stop.IsCancellationRequested)
        {
            LastError = e.Message;
            OperationMetrics.Errors.Add(1, new KeyValuePair<string, object?>("kind", Row.Kind), new KeyValuePair<string, object?>("step", Row.Step));
            runner.Log.LogWarning(e, "Step {Step} of {Kind} for {Resource} failed; it is tried again", Row.Step, Row.Kind, Row.Resource);
            await Rest(Min(runner.Options.RetryAfter * Math.Pow(2, Math.Min(Attempt++, 20)), MaxBackOff), woken, stop);
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Waits until it is woken or the time is over. True: nobody woke it.</summary>
    private async Task<bool> Rest(TimeSpan wait, Task woken, CancellationToken stop)
    {
        if (preempt && kind.Preemptible && Row.Status == OperationStatus.Running)
        {
            return false;
        }
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(woken, Task.Delay(Max(Min(wait, Left), TimeSpan.FromMilliseconds(1)), runner.Time, over.Token));
        await over.CancelAsync();
        stop.ThrowIfCancellationRequested();
        return !woken.IsCompleted;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>Time until the deadline.</summary>
    public TimeSpan Left => runner.Time.GetElapsedTime(runner.Time.GetTimestamp(), DeadlineAt);

    private int StepIndex => Row.Step.Length == 0 ? 0 : kind.IndexOf(Row.Step);

    /// <summary>One step forward. True: not yet.</summary>
    private async Task<bool> Forward(CancellationToken stop)
    {
        var index = StepIndex;
        if (index < 0)
        {
            return await Unwinding.Begin(this, new Fault(FaultKind.Internal, "UnknownStep", $"This release has no step '{Row.Step}' in {Row.Kind}."));
        }
        var step = kind.AnySteps[index];
        if (Row.Adopted >= MaxAdopted)
        {
            return await Unwinding.Begin(this, new Fault(FaultKind.Internal, "StepKills", $"The step '{step.Name}' ended the program {Row.Adopted} times."));
        }
        if (Left <= TimeSpan.Zero)
        {
            return await Unwinding.Begin(this, TimeIsUp(step));
        }
        string? next;
        try
        {
            runner.Crash.At(Row.Kind, step.Name, "before");
            next = step.Call is null ? Row.State : await Limited(step.Call, stop);
        }
        catch (Fault fault)
        {
            return await Unwinding.Begin(this, fault);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && ((preempt && kind.Preemptible) || Left <= TimeSpan.Zero))
        {
            // The next turn sees why.
            return false;
        }
        catch (StepIgnoresCancellation)
        {
            return await Unwinding.Begin(this, TimeIsUp(step), abandoned: true);
        }
        if (next is null)
        {
            if (Row.Adopted > 0)
            {
                // It survived this step: it was not the one that killed the process.
                await Save(Row with { Adopted = 0 });
            }
            return true;
        }
        runner.Crash.At(Row.Kind, step.Name, "inside");
        try
        {
            await Done(step, index, next);
        }
        catch (Fault fault)
        {
            return await Unwinding.Begin(this, fault);
        }
        runner.Crash.At(Row.Kind, step.Name, "after");
        return false;
    }

    private Task Done(AnyStep step, int index, string next)
    {
        var last = index + 1 == kind.AnySteps.Count;
        OperationMetrics.StepSeconds.Record((runner.Operations.Db.Now - Row.EnteredAt).TotalSeconds, new KeyValuePair<string, object?>("kind", Row.Kind), new KeyValuePair<string, object?>("step", step.Name));
        return Save(Row with
        {
            State = next,
            Adopted = 0,
            EnteredAt = runner.Operations.Db.Now,
            Step = last ? step.Name : kind.AnySteps[index + 1].Name,
            Status = last ? OperationStatus.Done : OperationStatus.Running,
            Fault = last ? null : Row.Fault,
            EndedAt = last ? runner.Operations.Db.Now : null,
        }, step.Save is null ? null : () => step.Save(next), (step.Name, step.Event, null));
    }

    private Fault TimeIsUp(AnyStep step) => new(FaultKind.Unavailable, "DeadlineExceeded",
        $"The step '{step.Name}' was not finished within {step.Deadline.TotalSeconds:0} s: it waited for {step.WaitsFor ?? "its work to be done"}." + (LastError is null ? "" : $" Last error: {LastError}"));

    private async Task<T> Limited<T>(Func<string, OperationContext, Task<T>> call, CancellationToken stop)
    {
        if (runner.LimitOf(kind) is not { } limit)
        {
            return await Bounded(call, stop);
        }
        await limit.WaitAsync(stop);
        try
        {
            return await Bounded(call, stop);
        }
        finally
        {
            limit.Release();
        }
    }

    /// <summary>Runs a call with the step's deadline; one that ignores it for too long is left alone.</summary>
    public async Task<T> Bounded<T>(Func<string, OperationContext, Task<T>> call, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(Max(Left, TimeSpan.FromMilliseconds(1)), runner.Time);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        lock (guard)
        {
            running = cancel;
            // The delete came between the look at it and here.
            if (preempt && kind.Preemptible && Row.Status == OperationStatus.Running)
            {
                cancel.Cancel();
            }
        }
        try
        {
            var work = call(Row.State, new OperationContext(Row.Id, Row.Epoch, Row.RequestId, Row.ProjectId, Row.UserId, cancel.Token));
            if (!work.IsCompleted)
            {
                using var over = new CancellationTokenSource();
                var tooLong = Ignored(cancel.Token, over.Token);
                if (await Task.WhenAny(work, tooLong) != work && !work.IsCompleted)
                {
                    throw new StepIgnoresCancellation();
                }
                await over.CancelAsync();
            }
            return await work;
        }
        finally
        {
            lock (guard)
            {
                running = null;
            }
        }
    }

    private async Task Ignored(CancellationToken cancelled, CancellationToken over)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, over);
            await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(runner.Options.CancelGrace, runner.Time, over);
        }
        catch (OperationCanceledException)
        {
            // The work has ended.
        }
    }

    /// <summary>Writes a new row, with what belongs to it, in one transaction; a delete that was asked for starts when the operation ends.</summary>
    public async Task Save(OperationRow next, Func<Task>? save = null, (string Step, string? Event, string? Error)? timeline = null, bool newEpoch = false)
    {
        var db = runner.Operations.Db;
        var epoch = Row.Epoch;
        var started = Row.EnteredAt;
        var saved = await db.InTransaction(async () =>
        {
            var row = next;
            if (save is not null)
            {
                await save();
            }
            if (timeline is { } line)
            {
                await runner.Table.AddStep(row, line.Step, line.Event, started, line.Error is null, line.Error);
            }
            if (newEpoch)
            {
                row = row with { Epoch = await runner.Table.NextEpoch() };
            }
            var (deleteKind, deleteState) = await runner.Table.Save(row, epoch);
            if (!row.IsLive && !string.IsNullOrEmpty(deleteKind))
            {
                await runner.Operations.Begin(runner.Operations.NewRow(deleteKind, row.Resource, deleteState!, RequestScope.Current) with { Epoch = await runner.Table.NextEpoch() });
            }
            preempt |= deleteKind is not null;
            return row;
        });
        var moved = saved.Step != Row.Step || saved.Status != Row.Status;
        Row = saved;
        if (moved)
        {
            Entered(stored: null);
        }
        if (!saved.IsLive)
        {
            OperationMetrics.Ended.Add(1, new KeyValuePair<string, object?>("kind", saved.Kind), new KeyValuePair<string, object?>("outcome", saved.Preempted ? "preempted" : EnumNames.Of(saved.Status)));
        }
    }

    // After a restart the stored time is a hint: a clock that was set wrongly may neither end a step at once nor let it wait longer than it may.
    private void Entered(DateTimeOffset? stored)
    {
        var index = StepIndex;
        var step = index >= 0 && index < kind.AnySteps.Count ? kind.AnySteps[index] : null;
        var whole = (Row.Status == OperationStatus.Undoing ? step?.UndoDeadline : step?.Deadline) ?? TimeSpan.FromMinutes(5);
        var left = stored is { } at ? Max(Min(whole, at + whole - runner.Operations.Db.Now), Min(whole, MinLeft)) : whole;
        DeadlineAt = runner.Time.GetTimestamp() + (long)(left.TotalSeconds * runner.Time.TimestampFrequency);
        (Attempt, Fallback, LastError) = (0, runner.Options.Fallback, null);
    }
}

/// <summary>A call that went on after it was cancelled and waited for.</summary>
internal sealed class StepIgnoresCancellation : Exception;
