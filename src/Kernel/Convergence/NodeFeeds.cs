using Nephos.Contracts.Link;

namespace Nephos.Kernel.Convergence;

/// <summary>What one service wants of nodes.</summary>
/// <param name="Items">Its items.</param>
/// <param name="Kinds">Of which kinds they are; no two services share one.</param>
public sealed record NodeFeed(NodeItems Items, IReadOnlySet<string> Kinds);

/// <summary>All feeds together: what the node link asks.</summary>
public sealed class NodeFeeds(IEnumerable<NodeFeed> feeds)
{
    private readonly NodeFeed[] feeds = [.. feeds];

    /// <summary>What changed for a node after its numbers; waits up to <paramref name="atMost"/> for a change.</summary>
    public async Task<NodeChanges> Watch(Guid node, IReadOnlyDictionary<string, long> after, TimeSpan atMost, CancellationToken ct)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            // Listened for before looking: a change between the two is not missed.
            using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var left = atMost - TimeProvider.System.GetElapsedTime(began);
            var waits = left > TimeSpan.Zero ? await Task.WhenAll(feeds.Select(f => f.Items.Listen(left, over.Token))) : [];
            var changes = await Read(node, after);
            if (changes.Items.Count == 0 && waits.Length > 0)
            {
                await Task.WhenAny(waits);
            }
            await over.CancelAsync();
            await Task.WhenAll(waits).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
            if (changes.Items.Count > 0 || waits.Length == 0)
            {
                return changes;
            }
        }
    }

    /// <summary>Everything a node should know.</summary>
    public async Task<IReadOnlyList<NodeItemKey>> Inventory(Guid node)
    {
        var keys = new List<NodeItemKey>();
        foreach (var feed in feeds)
        {
            keys.AddRange(await feed.Items.Inventory(node));
        }
        return keys;
    }

    /// <summary>Hands each part of a node's report to the feed whose it is.</summary>
    public Task Observe(Guid node, IReadOnlyList<Observed> observed) => Task.WhenAll(
        from feed in feeds
        let own = observed.Where(o => feed.Kinds.Contains(o.Kind)).ToList()
        where own.Count > 0
        select feed.Items.Observe(node, own));

    private async Task<NodeChanges> Read(Guid node, IReadOnlyDictionary<string, long> after)
    {
        var items = new List<NodeItem>();
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var feed in feeds)
        {
            var (changed, number) = await feed.Items.Changes(node, after.GetValueOrDefault(feed.Items.Name));
            items.AddRange(changed);
            numbers[feed.Items.Name] = number;
        }
        return new NodeChanges(items, numbers);
    }
}
