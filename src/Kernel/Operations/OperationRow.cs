using Nephos.Contracts;
using Nephos.Kernel.Data;

namespace Nephos.Kernel.Operations;

/// <summary>Where an operation stands.</summary>
public enum OperationStatus
{
    /// <summary>Going through its steps.</summary>
    Running,
    /// <summary>Taking its steps back.</summary>
    Undoing,
    /// <summary>All steps done.</summary>
    Done,
    /// <summary>Given up; what could be taken back was.</summary>
    Failed,
}

/// <summary>An operation as it is stored.</summary>
internal sealed record OperationRow
{
    public required Guid Id { get; init; }
    public required string Kind { get; init; }
    public required string Resource { get; init; }
    public required string State { get; init; }
    /// <summary>The name, never a number: the next release may have another step before it.</summary>
    public required string Step { get; init; }
    public OperationStatus Status { get; init; }
    /// <summary>While undoing: the step to go forward again from, or null to fail.</summary>
    public string? UndoTo { get; init; }
    /// <summary>The state to go forward with; until then steps are undone with the state they were done with.</summary>
    public string? RetryState { get; init; }
    public string? Fault { get; init; }
    public string? LeftBehind { get; init; }
    public bool Preempted { get; init; }
    public int Adopted { get; init; }
    public long Epoch { get; init; }
    public string? Holder { get; init; }
    public string? RequestId { get; init; }
    public string? UserId { get; init; }
    public string? ProjectId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset EnteredAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? DeleteKind { get; init; }
    public string? DeleteState { get; init; }

    public bool IsLive => Status is OperationStatus.Running or OperationStatus.Undoing;
}

/// <summary>A step that ended, or the one under way: a row of the timeline.</summary>
/// <param name="OperationId">The operation.</param>
/// <param name="Kind">Its class.</param>
/// <param name="Resource">What it is about.</param>
/// <param name="RequestId">The request that started it.</param>
/// <param name="UserId">Who asked.</param>
/// <param name="ProjectId">For which project.</param>
/// <param name="Number">Order within the operation.</param>
/// <param name="Step">Our name; <c>undo-</c> before it when it was taken back.</param>
/// <param name="Event">The upstream event it stands for, or null.</param>
/// <param name="StartedAt">First try.</param>
/// <param name="FinishedAt">Null while it is under way.</param>
/// <param name="Result"><c>Success</c>, <c>Error</c>, or null while it is under way.</param>
/// <param name="Message">Why it failed.</param>
public sealed record TimelineRow(Guid OperationId, string Kind, string Resource, string? RequestId, string? UserId, string? ProjectId,
    long Number, string Step, string? Event, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, string? Result, string? Message);

/// <summary>An operation for people who look at it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Its class.</param>
/// <param name="Resource">What it is about.</param>
/// <param name="Step">Where it stands.</param>
/// <param name="Status">How.</param>
/// <param name="RequestId">The request that started it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="EnteredAt">Since when it is at this step.</param>
/// <param name="EndedAt">Null while it is live.</param>
/// <param name="Fault">Why it failed or unwinds.</param>
/// <param name="LeftBehind">What could not be taken back.</param>
public sealed record OperationView(Guid Id, string Kind, string Resource, string Step, OperationStatus Status, string? RequestId,
    DateTimeOffset CreatedAt, DateTimeOffset EnteredAt, DateTimeOffset? EndedAt, string? Fault, string? LeftBehind)
{
    /// <summary><see cref="Fault"/> as it was thrown.</summary>
    public Fault? Failure => Fault is null ? null : StoredJson.Read<StoredFault>(Fault).ToFault();
}

/// <summary>A fault in a row.</summary>
internal sealed record StoredFault(FaultKind Kind, string Name, string Message, string Detail, string? AdminDetail)
{
    public static StoredFault Of(Fault fault) => new(fault.Kind, fault.Name, fault.Message, fault.Detail, fault.AdminDetail);

    public Fault ToFault() => new(Kind, Name, Message) { Detail = Detail, AdminDetail = AdminDetail };
}

/// <summary>Another process has the operation now; whoever held it lets go of it without a word.</summary>
internal sealed class LeaseLost : Exception;

/// <summary>The resource has a live operation. Services turn it into their conflict.</summary>
/// <param name="resource">The resource.</param>
/// <param name="inner">What the database said.</param>
public sealed class DuplicateOperation(string resource, Exception inner) : Exception($"{resource} has an operation under way.", inner)
{
    /// <summary>The resource.</summary>
    public string Resource => resource;
}
