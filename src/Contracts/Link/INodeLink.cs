using System.Text.Json;

namespace Nephos.Contracts.Link;

/// <summary>
/// What a node asks of the controllers; a controller never calls a node. Every call may be repeated. The records are golden: a
/// controller serves nodes of its own and of the previous release.
/// </summary>
public interface INodeLink
{
    /// <summary>Introduces a node and what it has. First call after a start, and again when facts change.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Conflict"/> when the node belongs to another cloud: it must not act then.</exception>
    Task<NodeWelcome> Join(NodeHello hello, CancellationToken ct);

    /// <summary>What changed for this node after the given numbers (one per feed; absent means 0, everything). Waits up to 20 s for a change.</summary>
    Task<NodeChanges> Watch(Guid node, IReadOnlyDictionary<string, long> after, CancellationToken ct);

    /// <summary>Ids and generations of everything this node should know, for the full comparison once a minute.</summary>
    Task<IReadOnlyList<NodeItemKey>> Inventory(Guid node, CancellationToken ct);

    /// <summary>What the node made of its items. Reports may be repeated and reordered; older generations are ignored.</summary>
    Task Report(Guid node, IReadOnlyList<Observed> observed, CancellationToken ct);

    /// <summary>The next question for this node that needs an answer (console text, diagnostics, snapshot); null after 20 s without one.</summary>
    Task<NodeQuestion?> NextQuestion(Guid node, CancellationToken ct);

    /// <summary>Answers a question.</summary>
    Task Answer(Guid node, NodeAnswer answer, CancellationToken ct);

    /// <summary>The data of an image, streamed.</summary>
    Task<Stream> OpenImage(Guid image, CancellationToken ct);

    /// <summary>Uploads the data of an image that waits for it (a snapshot).</summary>
    Task PutImage(Guid image, Stream data, CancellationToken ct);

    /// <summary>A guest's request to the metadata service. The caller is the namespace and address it came from; its headers are not believed.</summary>
    Task<MetadataReply> Metadata(MetadataRequest request, CancellationToken ct);
}

/// <summary>A node introduces itself.</summary>
public sealed record NodeHello
{
    /// <summary>Chosen once and kept in the node's state folder; also its resource provider's uuid and its hypervisor id.</summary>
    public required Guid Node { get; init; }
    /// <summary>The cloud it belongs to; empty for a new node.</summary>
    public required string Cloud { get; init; }
    /// <summary>Host name shown as <c>host</c>.</summary>
    public required string Host { get; init; }
    /// <summary>The kernel's boot id: a new one means that guests were lost with the host.</summary>
    public required string BootId { get; init; }
    /// <summary>Address other nodes reach it on (tunnels).</summary>
    public required string Address { get; init; }
    /// <summary>The program's version.</summary>
    public required string Release { get; init; }
    /// <summary>What can be run.</summary>
    public required Drivers.HypervisorFacts Hypervisor { get; init; }
    /// <summary>What can be switched.</summary>
    public required Drivers.SwitchFacts Switch { get; init; }
}

/// <summary>The controller's answer to <see cref="NodeHello"/>.</summary>
/// <param name="Cloud">The cloud's id.</param>
/// <param name="HostRebooted">True when the boot id differs from the one last seen.</param>
public sealed record NodeWelcome(string Cloud, bool HostRebooted);

/// <summary>Changes for a node.</summary>
/// <param name="Items">In order of revision within a feed.</param>
/// <param name="Numbers">To ask from next time, per feed.</param>
public sealed record NodeChanges(IReadOnlyList<NodeItem> Items, IReadOnlyDictionary<string, long> Numbers);

/// <summary>Something that should be true on a node.</summary>
/// <param name="Kind">One of <see cref="NodeItemKinds"/>.</param>
/// <param name="Id">Of the thing.</param>
/// <param name="Generation">Rises with every change of <paramref name="Spec"/> or <paramref name="Wanted"/>; the node echoes it.</param>
/// <param name="Wanted">False is a tombstone: the only order to remove something that holds data.</param>
/// <param name="Spec">The record of that kind; null in a tombstone.</param>
public sealed record NodeItem(string Kind, Guid Id, long Generation, bool Wanted, JsonElement? Spec);

/// <summary>A thing and its generation.</summary>
public sealed record NodeItemKey(string Kind, Guid Id, long Generation);

/// <summary>Kinds of items and the record each carries.</summary>
public static class NodeItemKinds
{
    /// <summary>All of them.</summary>
    public static IReadOnlySet<string> All { get; } = new HashSet<string> { Server, Network, Port, Group, Members, Router, Dhcp };
    /// <summary><see cref="ServerItem"/>.</summary>
    public const string Server = "server";
    /// <summary><see cref="Drivers.NetworkSpec"/>.</summary>
    public const string Network = "network";
    /// <summary><see cref="Drivers.PortSpec"/>.</summary>
    public const string Port = "port";
    /// <summary><see cref="Drivers.GroupSpec"/>.</summary>
    public const string Group = "group";
    /// <summary><see cref="Drivers.GroupMembersSpec"/>.</summary>
    public const string Members = "members";
    /// <summary><see cref="Drivers.RouterSpec"/>.</summary>
    public const string Router = "router";
    /// <summary><see cref="Drivers.DhcpSpec"/>.</summary>
    public const string Dhcp = "dhcp";
}

/// <summary>What a node saw of an item.</summary>
/// <param name="Kind">One of <see cref="NodeItemKinds"/>.</param>
/// <param name="Id">Of the thing.</param>
/// <param name="Generation">That this reflects.</param>
/// <param name="Present">False once it is gone from the host; confirms a tombstone.</param>
/// <param name="Error">Why the generation could not be carried out (a user may see it), or null.</param>
/// <param name="State">For servers a <see cref="ServerObserved"/>; else null.</param>
public sealed record Observed(string Kind, Guid Id, long Generation, bool Present, string? Error = null, JsonElement? State = null);

/// <summary>A question for a node.</summary>
/// <param name="Id">To answer with.</param>
/// <param name="Verb"><c>console</c>, <c>diagnostics</c>, <c>snapshot</c>, <c>orphans</c> or <c>remove-orphan</c>.</param>
/// <param name="Subject">The server; for <c>orphans</c> nothing.</param>
/// <param name="Argument">For <c>snapshot</c>: the image to upload to.</param>
public sealed record NodeQuestion(Guid Id, string Verb, Guid Subject, string? Argument = null);

/// <summary>An answer.</summary>
/// <param name="Id">Of the question.</param>
/// <param name="Result">As the verb defines; null with an error.</param>
/// <param name="Error">Why not.</param>
public sealed record NodeAnswer(Guid Id, JsonElement? Result, string? Error);

/// <summary>A guest's HTTP request to 169.254.169.254.</summary>
/// <param name="Network">The network whose DHCP namespace accepted it, or null.</param>
/// <param name="Router">The router whose namespace accepted it, or null.</param>
/// <param name="Address">Source address of the connection.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">Of a POST (the guest's password), at most 8 KiB.</param>
public sealed record MetadataRequest(Guid? Network, Guid? Router, string Address, string Method, string Path, byte[]? Body = null);

/// <summary>The answer for the guest.</summary>
public sealed record MetadataReply(int Status, string ContentType, byte[] Body);
