using Nephos.Kernel.Data;
using Nephos.Placement.Inventories;
using Nephos.Placement.Traits;

namespace Nephos.Placement.Candidates;

/// <summary>A provider with all that a search looks at.</summary>
internal sealed record ProviderNode(Guid Id, Guid? Parent, Guid Root, IReadOnlySet<string> Traits, Guid[] Aggregates, IReadOnlyDictionary<string, InventoryRow> Inventories);

/// <summary>Reads trees of providers, many by one statement, and leaves out those that cannot serve a request.</summary>
internal sealed class TreeTable(PlacementDb db)
{
    private sealed record Row(
        Guid Id, Guid? ParentId, Guid RootId, string Traits, string Aggregates, string? Class, long? Total, long? Reserved, long? MinUnit, long? MaxUnit, long? StepSize, double? Ratio, long? Used);

    private const string Columns = """
        p.id, p.parent_id, p.root_id, p.traits, p.aggregates, i.class, i.total, i.reserved, i.min_unit, i.max_unit, i.step_size, i.ratio, i.used
        """;

    /// <summary>Trees by root after a root, in order.</summary>
    public async Task<List<IReadOnlyList<ProviderNode>>> Trees(CandidateRequest request, IReadOnlyList<ProviderNode> sharing, Guid? after, int count)
    {
        var conditions = Conditions(request, sharing);
        if (after is { } last) conditions.Add($"r.id > {last}");
        var nodes = await Read($"""
            SELECT {Sql.Raw(Columns)}
            FROM (SELECT r.id FROM placement_providers r WHERE r.parent_id IS NULL AND {Sql.All(conditions)} ORDER BY r.id LIMIT {count}) AS t
            JOIN placement_providers p ON p.root_id = t.id LEFT JOIN placement_inventories i ON i.provider_id = p.id
            ORDER BY p.root_id, p.id, i.class
            """);
        var trees = new List<IReadOnlyList<ProviderNode>>();
        for (var i = 0; i < nodes.Count;)
        {
            var end = nodes.FindIndex(i, n => n.Root != nodes[i].Root);
            if (end < 0) end = nodes.Count;
            trees.Add(nodes.GetRange(i, end - i));
            i = end;
        }
        return trees;
    }

    /// <summary>Providers that share what they have with their aggregates.</summary>
    public Task<List<ProviderNode>> Sharing() => Read($"""
        SELECT {Sql.Raw(Columns)}
        FROM placement_provider_traits t JOIN placement_providers p ON p.id = t.provider_id LEFT JOIN placement_inventories i ON i.provider_id = p.id
        WHERE t.trait = {StandardTraits.Shares} ORDER BY p.id, i.class
        """);

    /// <summary>The roots of the trees that groups name; an unknown provider has none.</summary>
    public async Task<IReadOnlyDictionary<Guid, Guid>> Roots(IReadOnlyList<Guid> ids) => ids.Count == 0 ? new Dictionary<Guid, Guid>()
        : (await db.Query<(Guid Id, Guid Root)>($"SELECT id, root_id FROM placement_providers WHERE id IN {ids}")).ToDictionary(r => r.Id, r => r.Root);

    private static List<SqlText> Conditions(CandidateRequest request, IReadOnlyList<ProviderNode> sharing)
    {
        var conditions = new List<SqlText>();
        // The least that some group asks of a class must fit somewhere in the tree, unless it may come from outside.
        foreach (var (name, amount) in request.Groups.SelectMany(g => g.Resources).GroupBy(r => r.Key).Select(r => (r.Key, r.MinBy(x => x.Value).Value)))
            if (!sharing.Any(s => s.Inventories.ContainsKey(name)))
                conditions.Add($"""
                    EXISTS (SELECT 1 FROM placement_providers q JOIN placement_inventories i ON i.provider_id = q.id
                        WHERE q.root_id = r.id AND i.class = {name} AND i.used + {amount} <= (i.total - i.reserved) * i.ratio)
                    """);
        foreach (var any in request.Groups.SelectMany(g => g.Required))
            if (!sharing.Any(s => any.Any(s.Traits.Contains)))
                conditions.Add($"EXISTS (SELECT 1 FROM placement_providers q JOIN placement_provider_traits t ON t.provider_id = q.id WHERE q.root_id = r.id AND t.trait IN {any})");
        foreach (var trait in request.RootRequired) conditions.Add($"EXISTS (SELECT 1 FROM placement_provider_traits t WHERE t.provider_id = r.id AND t.trait = {trait})");
        return conditions;
    }

    private async Task<List<ProviderNode>> Read(SqlText sql)
    {
        var rows = await db.Query<Row>(sql);
        var nodes = new List<ProviderNode>();
        for (var i = 0; i < rows.Count;)
        {
            var (first, inventories) = (rows[i], new Dictionary<string, InventoryRow>(4, StringComparer.Ordinal));
            for (; i < rows.Count && rows[i].Id == first.Id; i++) if (rows[i].Class is { } name) inventories[name] = Inventory(rows[i]);
            nodes.Add(new ProviderNode(first.Id, first.ParentId, first.RootId, first.Traits == "[]" ? Empty : StoredJson.Read<HashSet<string>>(first.Traits),
                first.Aggregates == "[]" ? [] : StoredJson.Read<Guid[]>(first.Aggregates), inventories));
        }
        return nodes;
    }

    private static readonly HashSet<string> Empty = [];

    private static InventoryRow Inventory(Row r) => new()
    {
        ProviderId = r.Id, Class = r.Class!, Total = r.Total!.Value, Reserved = r.Reserved!.Value, MinUnit = r.MinUnit!.Value, MaxUnit = r.MaxUnit!.Value,
        StepSize = r.StepSize!.Value, Ratio = r.Ratio!.Value, Used = r.Used!.Value,
    };
}
