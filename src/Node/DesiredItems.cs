using Nephos.Contracts.Link;

namespace Nephos.Node;

/// <summary>
/// What the controllers want of this node, as far as it has heard. Nothing may be removed as an orphan before all of it has been heard,
/// and never because an item is absent: only a tombstone orders the removal of something that holds data.
/// </summary>
internal sealed class DesiredItems
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Kind, Guid Id), NodeItem> _items = [];

    // Tombstones carried out: the controllers keep theirs for a day, and what they repeat is not news.
    private readonly Dictionary<(string Kind, Guid Id), long> _gone = [];

    /// <summary>True once everything that the controllers know has been heard.</summary>
    public bool Complete { get; private set; }

    /// <summary>Takes news in and says of which kinds; older generations are ignored, since a repeated poll may bring them.</summary>
    public IReadOnlySet<string> Take(IEnumerable<NodeItem> news)
    {
        var kinds = new HashSet<string>();
        lock (_lock)
            foreach (var item in news)
            {
                if (Heard((item.Kind, item.Id)) >= item.Generation) continue;
                _items[(item.Kind, item.Id)] = item;
                kinds.Add(item.Kind);
            }
        return kinds;
    }

    /// <summary>Compares with everything the controllers know: true if nothing was missed. From the first time on this node may tidy up.</summary>
    public bool Knows(IEnumerable<NodeItemKey> inventory)
    {
        lock (_lock)
        {
            if (inventory.Any(k => Heard((k.Kind, k.Id)) < k.Generation)) return false;
            return Complete = true;
        }
    }

    /// <summary>A tombstone has been carried out.</summary>
    public void CarriedOut(NodeItem tombstone)
    {
        var key = (tombstone.Kind, tombstone.Id);
        lock (_lock)
        {
            if (!_items.TryGetValue(key, out var known) || known.Generation != tombstone.Generation) return;
            _items.Remove(key);
            _gone[key] = tombstone.Generation;
        }
    }

    public IReadOnlyList<NodeItem> Of(string kind)
    {
        lock (_lock) return [.. _items.Values.Where(i => i.Kind == kind)];
    }

    private long Heard((string, Guid) key) => _items.TryGetValue(key, out var item) ? item.Generation : _gone.GetValueOrDefault(key);
}
