using Nephos.Contracts.Link;

namespace Nephos.Kernel.Convergence;

/// <summary>Is told of every report of an item as it stands: to nudge the operation that waits for it. A report may be told twice.</summary>
public interface INodeItemWatcher
{
    /// <summary>The service whose items it wants to hear of.</summary>
    string Service { get; }

    /// <summary>Called after the commit; quick, or it starts something of its own.</summary>
    Task Seen(NodeItemRow row);
}

/// <summary>An item as it is wanted, and as its node last reported it: two writers, each with its own columns.</summary>
/// <param name="Node">Where.</param>
/// <param name="Kind">One of <see cref="NodeItemKinds"/>.</param>
/// <param name="Id">Of the thing.</param>
/// <param name="Generation">Rises with every change of what is wanted.</param>
/// <param name="Revision">Number of the change in this service.</param>
/// <param name="Wanted">False is a tombstone.</param>
/// <param name="Spec">The record of that kind; null in a tombstone.</param>
/// <param name="ObservedGeneration">The generation the node's last report is about; 0 before the first.</param>
/// <param name="ObservedPresent">Whether it was there then.</param>
/// <param name="Error">Why that generation could not be carried out, or null.</param>
/// <param name="State">As reported, or null.</param>
/// <param name="ObservedAt">When.</param>
public sealed record NodeItemRow(Guid Node, string Kind, Guid Id, long Generation, long Revision, bool Wanted, string? Spec,
    long ObservedGeneration = 0, bool? ObservedPresent = null, string? Error = null, string? State = null, DateTimeOffset? ObservedAt = null)
{
    /// <summary>True when the node has reported on what is wanted now.</summary>
    public bool IsCurrent => ObservedGeneration == Generation;

    /// <summary>True when the thing is known to be gone: a confirmed tombstone.</summary>
    public bool IsGone => !Wanted && IsCurrent && ObservedPresent == false;

    /// <summary>The spec as a record.</summary>
    public T? SpecAs<T>() where T : class => Spec is null ? null : Data.StoredJson.Read<T>(Spec);

    /// <summary>The state as a record.</summary>
    public T? StateAs<T>() where T : class => State is null ? null : Data.StoredJson.Read<T>(State);
}
