namespace Nephos.Contracts.Link;

/// <summary>A service that wants to know of nodes. Compute keeps hypervisors and their resource providers, Network keeps agents.</summary>
public interface INodeListener
{
    /// <summary>A node started or its facts changed. May be repeated.</summary>
    /// <param name="hello">What it said.</param>
    /// <param name="hostRebooted">True when its boot id is new: what ran there is gone.</param>
    /// <param name="ct">Cancels.</param>
    Task Joined(NodeHello hello, bool hostRebooted, CancellationToken ct);

    /// <summary>A node gave a sign of life; called at most every few seconds.</summary>
    Task Seen(Guid node, CancellationToken ct);
}

/// <summary>Puts questions to nodes and waits for the answers.</summary>
public interface INodeQuestions
{
    /// <summary>The node's answer.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Unavailable"/> when the node does not answer within <paramref name="limit"/>; <see cref="FaultKind.Conflict"/> with the node's own words when it cannot.</exception>
    Task<System.Text.Json.JsonElement> Ask(Guid node, string verb, Guid subject, string? argument, TimeSpan limit, CancellationToken ct);
}
