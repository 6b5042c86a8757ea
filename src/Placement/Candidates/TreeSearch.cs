using Nephos.Placement.Inventories;

namespace Nephos.Placement.Candidates;

/// <summary>One way to satisfy a request: amounts by provider and class, and which providers serve which group.</summary>
internal sealed record Allotment(IReadOnlyDictionary<(Guid Provider, string Class), long> Amounts, IReadOnlyDictionary<string, Guid[]> Mappings)
{
    /// <summary>The same for the same amounts and mappings, to find doubles: sharing providers are met once for every tree.</summary>
    public string Key => string.Join(';', Amounts.OrderBy(a => a.Key.Provider).ThenBy(a => a.Key.Class, StringComparer.Ordinal).Select(a => $"{a.Key.Provider}/{a.Key.Class}/{a.Value}"))
        + "|" + string.Join(';', Mappings.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => m.Key + "=" + string.Join(',', m.Value.Order())));
}

/// <summary>Finds the ways to satisfy a request from one tree and the providers that share with it. Pure.</summary>
internal sealed class TreeSearch
{
    private readonly record struct Part(ProviderNode Provider, string Class, long Amount);

    private sealed record Choice(RequestGroup Group, IReadOnlyList<Part> Parts, IReadOnlyList<ProviderNode> Providers);

    private readonly CandidateRequest _request;
    private readonly IReadOnlyDictionary<Guid, Guid> _treesAsked;
    private readonly Dictionary<Guid, ProviderNode> _tree;
    private readonly List<ProviderNode> _all;
    private readonly ProviderNode? _root;

    /// <param name="request">What is asked.</param>
    /// <param name="tree">All providers of a tree.</param>
    /// <param name="sharing">All sharing providers.</param>
    /// <param name="treesAsked">Roots of the providers that groups name by <c>in_tree</c>.</param>
    public TreeSearch(CandidateRequest request, IReadOnlyList<ProviderNode> tree, IReadOnlyList<ProviderNode> sharing, IReadOnlyDictionary<Guid, Guid> treesAsked)
    {
        (_request, _treesAsked) = (request, treesAsked);
        _tree = tree.ToDictionary(p => p.Id);
        _root = tree.FirstOrDefault(p => p.Parent is null);
        // It shares with the whole tree when any provider of the tree is in an aggregate with it.
        _all = [.. tree, .. sharing.Where(s => !_tree.ContainsKey(s.Id) && tree.Any(p => p.Aggregates.Intersect(s.Aggregates).Any()))];
    }

    public IEnumerable<Allotment> Find()
    {
        if (_root is null || !_request.RootRequired.All(_root.Traits.Contains) || _request.RootForbidden.Any(_root.Traits.Contains)) yield break;
        var choices = new List<List<Choice>>();
        foreach (var group in _request.Groups)
        {
            var some = (group.OneProvider ? Single(group) : Spread(group)).ToList();
            if (some.Count == 0) yield break;
            choices.Add(some);
        }
        foreach (var picked in Product(choices))
            if (Merge(picked) is { } allotment) yield return allotment;
    }

    private IEnumerable<Choice> Single(RequestGroup group) => _all
        .Where(p => Eligible(p, group) && group.Required.All(any => any.Any(p.Traits.Contains)) && group.Resources.All(r => Fits(p, r.Key, r.Value)))
        .Select(p => new Choice(group, [.. group.Resources.Select(r => new Part(p, r.Key, r.Value))], [p]));

    private IEnumerable<Choice> Spread(RequestGroup group)
    {
        var eligible = _all.Where(p => Eligible(p, group)).ToList();
        var byClass = group.Resources.Select(r => eligible.Where(p => Fits(p, r.Key, r.Value)).Select(p => new Part(p, r.Key, r.Value)).ToList()).ToList();
        if (byClass.Exists(c => c.Count == 0)) yield break;
        foreach (var parts in Product(byClass))
        {
            var providers = parts.Select(p => p.Provider).DistinctBy(p => p.Id).ToList();
            // Together they need the traits; each alone must not have the forbidden.
            if (group.Required.All(any => providers.Exists(p => any.Any(p.Traits.Contains)))) yield return new Choice(group, parts, providers);
        }
    }

    private bool Eligible(ProviderNode p, RequestGroup group)
    {
        if (group.Forbidden.Any(p.Traits.Contains)) return false;
        if (group.InTree is { } asked && (!_treesAsked.TryGetValue(asked, out var root) || p.Root != root)) return false;
        if (group.MemberOf.Count + group.NotMemberOf.Count == 0) return true;
        // A root's aggregates span its tree.
        var root2 = _tree.TryGetValue(p.Root, out var node) ? node.Aggregates : [];
        bool In(Guid aggregate) => p.Aggregates.Contains(aggregate) || root2.Contains(aggregate);
        return group.MemberOf.All(any => any.Any(In)) && !group.NotMemberOf.Any(In);
    }

    private static bool Fits(ProviderNode p, string name, long amount) => p.Inventories.TryGetValue(name, out var inventory) && inventory.Fits(amount);

    private Allotment? Merge(IReadOnlyList<Choice> picked)
    {
        var amounts = new Dictionary<(Guid, string), long>();
        var inventories = new Dictionary<(Guid, string), InventoryRow>();
        foreach (var (provider, name, amount) in picked.SelectMany(c => c.Parts))
        {
            var key = (provider.Id, name);
            amounts[key] = amounts.GetValueOrDefault(key) + amount;
            inventories[key] = provider.Inventories[name];
        }
        // Parts that fit alone may not fit together.
        if (amounts.Any(a => a.Value > inventories[a.Key].MaxUnit || inventories[a.Key].Used + a.Value > inventories[a.Key].Capacity)) return null;
        var single = picked.Where(c => c.Group.OneProvider).Select(c => c.Providers[0].Id).ToList();
        if (_request.Isolate && single.Distinct().Count() != single.Count) return null;
        if (!_request.SameSubtree.All(s => InOneSubtree([.. picked.Where(c => s.Contains(c.Group.Suffix)).SelectMany(c => c.Providers)]))) return null;
        if (!_request.Nested && picked.SelectMany(c => c.Providers).DistinctBy(p => p.Id).GroupBy(p => p.Root).Any(r => r.Count() > 1)) return null;
        return new Allotment(amounts, picked.ToDictionary(c => c.Group.Suffix, c => c.Providers.Select(p => p.Id).Distinct().ToArray()));
    }

    private bool InOneSubtree(IReadOnlyList<ProviderNode> providers) => providers.Any(top => providers.All(p => IsBelow(p, top)));

    private bool IsBelow(ProviderNode? p, ProviderNode top)
    {
        for (; p is not null; p = p.Parent is { } parent ? _tree.GetValueOrDefault(parent) : null) if (p.Id == top.Id) return true;
        return false;
    }

    private static IEnumerable<IReadOnlyList<T>> Product<T>(IReadOnlyList<IReadOnlyList<T>> lists)
    {
        if (lists.Any(l => l.Count == 0)) yield break;
        var at = new int[lists.Count];
        while (true)
        {
            yield return [.. lists.Select((l, i) => l[at[i]])];
            var i = lists.Count - 1;
            for (; i >= 0 && ++at[i] == lists[i].Count; i--) at[i] = 0;
            if (i < 0) yield break;
        }
    }
}
