using Nephos.Kernel.Data;

namespace Nephos.Placement.Traits;

/// <summary>Custom traits; the standard ones are known without a table.</summary>
internal sealed class TraitTable(PlacementDb db)
{
    public async Task<bool> Exists(string name) => StandardTraits.Has(name) || await db.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM placement_traits WHERE name = {name})");

    /// <summary>Those of the names that are no traits.</summary>
    public async Task<IReadOnlyList<string>> Unknown(IEnumerable<string> names)
    {
        var custom = names.Where(n => !StandardTraits.Has(n)).Distinct().ToList();
        return custom.Count == 0 ? [] : [.. custom.Except(await db.Query<string>($"SELECT name FROM placement_traits WHERE name IN {custom}")).Order(StringComparer.Ordinal)];
    }

    public Task<List<(string Name, DateTimeOffset CreatedAt)>> Custom() => db.Query<(string, DateTimeOffset)>($"SELECT name, created_at FROM placement_traits ORDER BY name");

    public Task<List<string>> Associated() => db.Query<string>($"SELECT DISTINCT trait FROM placement_provider_traits ORDER BY trait");

    /// <summary>True if it is new.</summary>
    public Task<bool> Add(string name) => db.Changed($"INSERT INTO placement_traits (name, created_at) VALUES ({name}, {db.Now}) ON CONFLICT DO NOTHING");

    public Task<bool> IsUsed(string name) => db.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM placement_provider_traits WHERE trait = {name})");

    public Task<bool> Remove(string name) => db.Changed($"DELETE FROM placement_traits WHERE name = {name} AND NOT EXISTS (SELECT 1 FROM placement_provider_traits WHERE trait = {name})");
}
