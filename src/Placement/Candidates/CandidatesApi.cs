using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;
using Nephos.Placement.Classes;
using Nephos.Placement.Traits;

namespace Nephos.Placement.Candidates;

/// <summary><c>GET /allocation_candidates</c>.</summary>
internal sealed class CandidatesApi(PlacementDb db, TreeTable trees, ClassTable classes, TraitTable traits)
{
    private const int Batch = 1000;

    private sealed record Part(IReadOnlyDictionary<string, long> Resources);

    private sealed record Level(long Capacity, long Used);

    private sealed record Summary(IReadOnlyDictionary<string, Level> Resources, [property: Since("1.17")] IEnumerable<string> Traits,
        [property: Since("1.29")] Guid? ParentProviderUuid, [property: Since("1.29")] Guid RootProviderUuid);

    public void Map(RouteGroup g) => g.Get("/allocation_candidates", List).Since("1.10")
        .Policy("placement:allocation_candidates:list", Rules.Operator, "List allocation candidates").Fails(400, 404);

    private async Task<Answer> List(Call call)
    {
        var request = RequestParser.Parse(call);
        if (await classes.Unknown(request.Groups.SelectMany(g => g.Resources.Keys)) is { } wrong)
            throw Errors.Invalid($"Invalid resource class in resources parameter: No such resource class {wrong}.");
        var named = request.Groups.SelectMany(g => g.Required.SelectMany(r => r).Concat(g.Forbidden)).Concat(request.RootRequired).Concat(request.RootForbidden);
        if (await traits.Unknown(named) is { Count: > 0 } unknown) throw Errors.Invalid($"No such trait(s): {string.Join(", ", unknown)}.");
        var (found, nodes) = await Search(request);
        return Answer.Json(("allocation_requests", found.Select(a => Request(call, a))), ("provider_summaries", Summaries(call, request, found, nodes))).Changed(call, db.Now);
    }

    private async Task<(List<Allotment> Found, Dictionary<Guid, ProviderNode> Nodes)> Search(CandidateRequest request)
    {
        var sharing = await trees.Sharing();
        var asked = await trees.Roots([.. request.Groups.Where(g => g.InTree is not null).Select(g => g.InTree!.Value)]);
        var (found, nodes, seen) = (new List<Allotment>(), sharing.ToDictionary(s => s.Id), new HashSet<string>(StringComparer.Ordinal));
        Guid? after = null;
        while (true)
        {
            var some = await trees.Trees(request, sharing, after, Batch);
            foreach (var tree in some)
            {
                foreach (var allotment in new TreeSearch(request, tree, sharing, asked).Find())
                {
                    if (sharing.Count > 0 && !seen.Add(allotment.Key)) continue;
                    found.Add(allotment);
                    foreach (var node in tree) nodes[node.Id] = node;
                    if (found.Count == request.Limit) return (found, nodes);
                }
            }
            if (some.Count < Batch) return (found, nodes);
            after = some[^1][0].Root;
        }
    }

    private static object Request(Call call, Allotment allotment)
    {
        var byProvider = allotment.Amounts.GroupBy(a => a.Key.Provider).Select(p => (Id: p.Key.ToString(), Resources: p.ToDictionary(a => a.Key.Class, a => a.Value)));
        if (!call.At("1.12")) return new { allocations = byProvider.Select(p => new { resource_provider = new { uuid = p.Id }, resources = p.Resources }) };
        var allocations = byProvider.ToDictionary(p => p.Id, p => new Part(p.Resources));
        return call.At("1.34") ? new { allocations, mappings = allotment.Mappings } : new { allocations };
    }

    private static Dictionary<string, Summary> Summaries(Call call, CandidateRequest request, List<Allotment> found, Dictionary<Guid, ProviderNode> nodes)
    {
        var asked = request.Groups.SelectMany(g => g.Resources.Keys).ToHashSet(StringComparer.Ordinal);
        var used = found.SelectMany(a => a.Amounts.Keys.Select(k => k.Provider).Concat(a.Mappings.Values.SelectMany(m => m))).ToHashSet();
        var roots = used.Select(id => nodes[id].Root).ToHashSet();
        // From 1.29 on the whole trees are shown, since parents tell what the parts belong to.
        return nodes.Values.Where(n => call.At("1.29") ? roots.Contains(n.Root) : used.Contains(n.Id)).ToDictionary(n => n.Id.ToString(), n => new Summary(
            n.Inventories.Values.Where(i => call.At("1.27") || asked.Contains(i.Class)).ToDictionary(i => i.Class, i => new Level(i.Capacity, i.Used)),
            n.Traits.Order(StringComparer.Ordinal), n.Parent, n.Root));
    }
}
