using System.Globalization;
using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Placement.Inventories;

namespace Nephos.Placement.Candidates;

/// <summary>Providers that can hold a whole request alone: the scheduler's question, one statement however many providers there are.</summary>
internal sealed class FlatSearchTable(PlacementDb db)
{
    private sealed record FoundRow(Guid Id, string Name, string Class, long Total, long Reserved, double Ratio, long Used)
    {
        [Json]
        public required string[] Traits { get; init; }
    }

    private sealed record ExplainRow(Guid Id, string Name, string? Class, long? Total, long? Reserved, long? MinUnit, long? MaxUnit, long? StepSize, double? Ratio, long? Used)
    {
        [Json]
        public required string[] Traits { get; init; }
    }

    public async Task<IReadOnlyList<Candidate>> Find(CandidateQuery query)
    {
        var rows = await db.Query<FoundRow>($"""
            SELECT p.id, p.name, p.traits, i.class, i.total, i.reserved, i.ratio, i.used
            FROM (SELECT id, name, traits FROM placement_providers WHERE {Sql.All(Conditions(query))} ORDER BY id LIMIT {query.Limit}) AS p
            JOIN placement_inventories i ON i.provider_id = p.id
            ORDER BY p.id
            """);
        var found = new List<Candidate>();
        for (var i = 0; i < rows.Count;)
        {
            var (first, free) = (rows[i], new Dictionary<string, long>(4, StringComparer.Ordinal));
            for (; i < rows.Count && rows[i].Id == first.Id; i++) free[rows[i].Class] = (long)((rows[i].Total - rows[i].Reserved) * rows[i].Ratio) - rows[i].Used;
            found.Add(new Candidate(first.Id, first.Name, free, first.Traits));
        }
        return found;
    }

    public async Task<IReadOnlyList<Refusal>> Explain(CandidateQuery query)
    {
        var classes = query.Resources.Keys.ToList();
        var rows = await db.Query<ExplainRow>($"""
            SELECT p.id, p.name, p.traits, i.class, i.total, i.reserved, i.min_unit, i.max_unit, i.step_size, i.ratio, i.used
            FROM placement_providers p LEFT JOIN placement_inventories i ON i.provider_id = p.id AND i.class IN {classes}
            ORDER BY p.name, p.id, i.class
            """);
        var refusals = new List<Refusal>();
        foreach (var provider in rows.GroupBy(r => r.Id))
        {
            var reasons = Reasons(query, provider.First().Traits, provider.Where(r => r.Class is not null).ToDictionary(r => r.Class!, Inventory)).ToList();
            if (reasons.Count > 0) refusals.Add(new Refusal(provider.First().Name, string.Join("; ", reasons)));
        }
        return refusals;
    }

    private static List<SqlText> Conditions(CandidateQuery query)
    {
        var conditions = new List<SqlText>();
        foreach (var (name, amount) in query.Resources) conditions.Add($"EXISTS (SELECT 1 FROM placement_inventories i WHERE i.provider_id = placement_providers.id AND {Fits(name, amount)})");
        foreach (var trait in query.Required) conditions.Add($"EXISTS (SELECT 1 FROM placement_provider_traits t WHERE t.provider_id = placement_providers.id AND t.trait = {trait})");
        if (query.Forbidden.Count > 0) conditions.Add($"NOT EXISTS (SELECT 1 FROM placement_provider_traits t WHERE t.provider_id = placement_providers.id AND t.trait IN {query.Forbidden})");
        return conditions;
    }

    /// <summary>That an inventory <c>i</c> has room for an amount of a class.</summary>
    internal static SqlText Fits(string name, long amount) => $"""
        i.class = {name} AND {amount} >= i.min_unit AND {amount} <= i.max_unit AND {amount} % i.step_size = 0 AND i.used + {amount} <= (i.total - i.reserved) * i.ratio
        """;

    private static InventoryRow Inventory(ExplainRow r) => new()
    {
        ProviderId = r.Id, Class = r.Class!, Total = r.Total!.Value, Reserved = r.Reserved!.Value, MinUnit = r.MinUnit!.Value, MaxUnit = r.MaxUnit!.Value,
        StepSize = r.StepSize!.Value, Ratio = r.Ratio!.Value, Used = r.Used!.Value,
    };

    private static IEnumerable<string> Reasons(CandidateQuery query, string[] traits, Dictionary<string, InventoryRow> inventories)
    {
        foreach (var (name, amount) in query.Resources)
        {
            if (!inventories.TryGetValue(name, out var i)) yield return $"{name}: {amount} asked, none here";
            else if (!i.Allows(amount)) yield return $"{name}: {amount} asked, only {i.MinUnit} to {i.MaxUnit} in steps of {i.StepSize} at once";
            else if (!i.Fits(amount))
                yield return string.Create(CultureInfo.InvariantCulture, $"{name}: {amount} asked, {Math.Max(0, i.Free)} free of ({i.Total} - {i.Reserved} reserved) x {i.Ratio}");
        }
        foreach (var trait in query.Required.Where(t => !traits.Contains(t))) yield return $"{trait} is required and missing";
        foreach (var trait in query.Forbidden.Where(traits.Contains)) yield return $"{trait} is forbidden and there";
    }
}
