using Nephos.Contracts;
using Nephos.Kernel.Data;

namespace Nephos.Kernel.Operations;

/// <summary>An operation of any state; see <see cref="Operation{TState}"/>.</summary>
public abstract class Operation
{
    private protected Operation(Db db) => Db = db;

    /// <summary>The database its rows are in.</summary>
    protected internal Db Db { get; }

    /// <summary>The stored name: the class.</summary>
    public string Kind => GetType().Name;

    /// <summary>How many of this kind run a step at once; those that wait do not count.</summary>
    protected internal virtual int Limit => int.MaxValue;

    /// <summary>True if a delete makes it unwind at once; else the delete waits for its end.</summary>
    protected internal virtual bool Preemptible => true;

    internal abstract IReadOnlyList<AnyStep> AnySteps { get; }

    /// <summary>Tests put themselves between the engine and the steps.</summary>
    internal Func<AnyStep, AnyStep>? Between { get; set; }

    internal abstract Task AnyFailed(string state, OperationFailure failure);

    internal abstract Task AnyPreempted(string state);

    internal int IndexOf(string step)
    {
        for (var i = 0; i < AnySteps.Count; i++)
        {
            if (AnySteps[i].Name == step)
            {
                return i;
            }
        }
        return -1;
    }
}

/// <summary>
/// A change made in several steps that survives a crash between, or inside, any two of them. Each step may run more than once, so every
/// id it creates is already in the state when the operation starts; and the state holds no secrets. A singleton.
/// </summary>
/// <typeparam name="TState">A record; fields added later are optional, so that the last release's operations can be finished.</typeparam>
public abstract class Operation<TState>(Db db) : Operation(db) where TState : class
{
    private IReadOnlyList<AnyStep>? steps;

    /// <summary>A step. Names are stored and never change.</summary>
    /// <param name="Name">Lower case with dashes.</param>
    /// <param name="Call">Talks to the outside; no transaction is open. Null is "not yet": asked again when nudged, or later. A <see cref="Fault"/> unwinds; anything else is tried again.</param>
    /// <param name="Save">Changes this service's own rows, in the transaction that records the step.</param>
    /// <param name="Undo">Takes back what <paramref name="Call"/> did, even if that did not finish. False is "not yet".</param>
    /// <param name="Retry">After a fault: an earlier step to go back to and the state for it, or null to give up. The steps down to it are undone first.</param>
    protected sealed record Step(
        string Name,
        Func<TState, OperationContext, Task<TState?>>? Call = null,
        Func<TState, Task>? Save = null,
        Func<TState, OperationContext, Task<bool>>? Undo = null,
        Func<TState, Fault, (string ToStep, TState State)?>? Retry = null)
    {
        /// <summary>The upstream event it stands for, shown in os-instance-actions and its like.</summary>
        public string? Event { get; init; }

        /// <summary>For the fault when time is up: "the node to start the guest".</summary>
        public string? WaitsFor { get; init; }

        /// <summary>From first entry to success.</summary>
        public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(10);

        /// <summary>For <see cref="Undo"/>; after it the rest is left behind, and named.</summary>
        public TimeSpan UndoDeadline { get; init; } = TimeSpan.FromMinutes(5);
    }

    /// <summary>In order.</summary>
    protected abstract IReadOnlyList<Step> Steps { get; }

    /// <summary>Writes down that it failed, in the transaction that ends it.</summary>
    protected abstract Task Failed(TState state, OperationFailure failure);

    /// <summary>Instead of <see cref="Failed"/> when a delete took over; it starts in the same transaction.</summary>
    protected virtual Task Preempted(TState state) => Task.CompletedTask;

    internal sealed override IReadOnlyList<AnyStep> AnySteps => steps ??= [.. Steps.Select(Any).Select(s => Between?.Invoke(s) ?? s)];

    internal sealed override Task AnyFailed(string state, OperationFailure failure) => Failed(StoredJson.Read<TState>(state), failure);

    internal sealed override Task AnyPreempted(string state) => Preempted(StoredJson.Read<TState>(state));

    private static AnyStep Any(Step step) => new(step.Name, step.Event, step.WaitsFor, step.Deadline, step.UndoDeadline)
    {
        Call = step.Call is null ? null : async (state, context) => await step.Call(StoredJson.Read<TState>(state), context) is { } next ? StoredJson.Write(next) : null,
        Save = step.Save is null ? null : state => step.Save(StoredJson.Read<TState>(state)),
        Undo = step.Undo is null ? null : (state, context) => step.Undo(StoredJson.Read<TState>(state), context),
        Retry = step.Retry is null ? null : (state, fault) => step.Retry(StoredJson.Read<TState>(state), fault) is { } back ? (back.ToStep, StoredJson.Write(back.State)) : null,
    };
}

/// <summary>A step whose state is text.</summary>
internal sealed record AnyStep(string Name, string? Event, string? WaitsFor, TimeSpan Deadline, TimeSpan UndoDeadline)
{
    public Func<string, OperationContext, Task<string?>>? Call { get; init; }
    public Func<string, Task>? Save { get; init; }
    public Func<string, OperationContext, Task<bool>>? Undo { get; init; }
    public Func<string, Fault, (string ToStep, string State)?>? Retry { get; init; }
}
