using System.Collections.Concurrent;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;

namespace Nephos.Link;

/// <summary>The controllers' end of the node link: hands each question to the service that knows.</summary>
/// <param name="cloud">This cloud's id; a node of another one is refused, and must not act.</param>
sealed class ControllerLink(
    string cloud, NodeTable nodes, NodeFeeds feeds, NodeQuestions questions, IEnumerable<INodeListener> listeners, IImages images, INetworks networks, IServers servers, TimeProvider time) : INodeLink
{
    static readonly TimeSpan WatchFor = TimeSpan.FromSeconds(20);
    static readonly TimeSpan SeenEvery = TimeSpan.FromSeconds(5);

    readonly INodeListener[] listeners = [.. listeners];
    readonly ConcurrentDictionary<Guid, long> seen = [];

    public async Task<NodeWelcome> Join(NodeHello hello, CancellationToken ct)
    {
        if (hello.Cloud.Length > 0 && hello.Cloud != cloud)
            throw Fault.Conflict($"The node {hello.Host} belongs to the cloud {hello.Cloud}; this is {cloud}.", "ForeignNode");
        var known = await nodes.BootId(hello.Node);
        var rebooted = known is not null && known != hello.BootId;
        foreach (var listener in listeners) await listener.Joined(hello, rebooted, ct);
        // After the listeners: if one of them failed, the next try finds the old boot id again.
        await nodes.Save(hello);
        questions.Joined(hello.Node);
        return new NodeWelcome(cloud, rebooted);
    }

    public async Task<NodeChanges> Watch(Guid node, IReadOnlyDictionary<string, long> after, CancellationToken ct)
    {
        await Seen(node, ct);
        return await feeds.Watch(node, after, WatchFor, ct);
    }

    public Task<IReadOnlyList<NodeItemKey>> Inventory(Guid node, CancellationToken ct) => feeds.Inventory(node);

    public async Task Report(Guid node, IReadOnlyList<Observed> observed, CancellationToken ct)
    {
        await Seen(node, ct);
        await feeds.Observe(node, observed);
    }

    public async Task<NodeQuestion?> NextQuestion(Guid node, CancellationToken ct)
    {
        await Seen(node, ct);
        return await questions.Next(node, ct);
    }

    public Task Answer(Guid node, NodeAnswer answer, CancellationToken ct)
    {
        questions.Answer(answer);
        return Task.CompletedTask;
    }

    public async Task<Stream> OpenImage(Guid image, CancellationToken ct) =>
        await images.Open(image, ct) ?? throw Fault.NotFound($"Image {image} has no data.", "ImageNotFound");

    public Task PutImage(Guid image, Stream data, CancellationToken ct) => images.PutData(image, data, ct);

    public async Task<MetadataReply> Metadata(MetadataRequest request, CancellationToken ct) =>
        await networks.PortAt(request.Network, request.Router, request.Address, ct) is { } port
            ? await servers.Metadata(port, request, ct)
            : new MetadataReply(404, "text/plain; charset=UTF-8", "404 Not Found\n\nNo server has this address here.\n"u8.ToArray());

    async Task Seen(Guid node, CancellationToken ct)
    {
        questions.Heard(node);
        var now = time.GetTimestamp();
        var last = seen.GetValueOrDefault(node);
        if (last != 0 && time.GetElapsedTime(last, now) < SeenEvery) return;
        seen[node] = now;
        foreach (var listener in listeners) await listener.Seen(node, ct);
    }
}
