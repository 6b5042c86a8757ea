using Nephos.Kernel.Data;

namespace Nephos.Placement.Providers;

internal sealed class ProviderTable(PlacementDb db)
{
    public async Task<ProviderRow?> Find(string id) => Guid.TryParse(id, out var guid) ? await Find(guid) : null;

    public Task<ProviderRow?> Find(Guid id) => db.One<ProviderRow>($"SELECT * FROM placement_providers WHERE id = {id}");

    public Task<List<ProviderRow>> Find(IReadOnlyList<Guid> ids) => db.Query<ProviderRow>($"SELECT * FROM placement_providers WHERE id IN {ids}");

    public Task<List<ProviderRow>> List(IReadOnlyList<SqlText> conditions) =>
        db.Query<ProviderRow>($"SELECT * FROM placement_providers WHERE {Sql.All(conditions)} ORDER BY created_at, id");

    /// <summary>Adds a provider; <see cref="DuplicateKey"/> if its id or name is taken.</summary>
    public async Task<ProviderRow> Insert(Guid id, string name, Guid? parent, Guid root) => (await db.One<ProviderRow>($"""
        INSERT INTO placement_providers (id, name, generation, parent_id, root_id, traits, aggregates, created_at, updated_at)
        VALUES ({id}, {name}, 0, {parent}, {root}, '[]', '[]', {db.Now}, {db.Now}) RETURNING *
        """))!;

    public Task Rename(Guid id, string name) => db.Execute($"UPDATE placement_providers SET name = {name}, updated_at = {db.Now} WHERE id = {id}");

    /// <summary>Moves a provider with everything below it under another parent, or makes it a root.</summary>
    public async Task Move(Guid id, Guid? parent, Guid root, IReadOnlyList<Guid> below)
    {
        await db.Execute($"UPDATE placement_providers SET parent_id = {parent}, updated_at = {db.Now} WHERE id = {id}");
        await db.Execute($"UPDATE placement_providers SET root_id = {root} WHERE id IN {below}");
    }

    public Task<List<(Guid Id, Guid? Parent)>> Tree(Guid root) => db.Query<(Guid, Guid?)>($"SELECT id, parent_id FROM placement_providers WHERE root_id = {root}");

    public Task<bool> HasChildren(Guid id) => db.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM placement_providers WHERE parent_id = {id})");

    public Task<bool> HasAllocations(Guid id) => db.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM placement_allocations WHERE provider_id = {id})");

    public async Task<bool> Delete(Guid id)
    {
        await db.Execute($"DELETE FROM placement_inventories WHERE provider_id = {id}");
        await db.Execute($"DELETE FROM placement_provider_traits WHERE provider_id = {id}");
        await db.Execute($"DELETE FROM placement_provider_aggregates WHERE provider_id = {id}");
        return await db.Changed($"DELETE FROM placement_providers WHERE id = {id}");
    }

    /// <summary>Raises the generation from the one the caller saw; false when somebody else was faster.</summary>
    public Task<bool> Raise(Guid id, long seen) =>
        db.Changed($"UPDATE placement_providers SET generation = generation + 1, updated_at = {db.Now} WHERE id = {id} AND generation = {seen}");

    /// <summary>Raises the generations of providers, whatever they are.</summary>
    public async Task Raise(IEnumerable<Guid> ids)
    {
        foreach (var id in ids.Distinct().Order()) await db.Execute($"UPDATE placement_providers SET generation = generation + 1, updated_at = {db.Now} WHERE id = {id}");
    }

    public async Task SetTraits(Guid id, IReadOnlyList<string> traits)
    {
        await db.Execute($"DELETE FROM placement_provider_traits WHERE provider_id = {id}");
        foreach (var trait in traits) await db.Execute($"INSERT INTO placement_provider_traits (provider_id, trait) VALUES ({id}, {trait})");
        await db.Execute($"UPDATE placement_providers SET traits = {Sql.Json(traits)} WHERE id = {id}");
    }

    public async Task SetAggregates(Guid id, IReadOnlyList<Guid> aggregates)
    {
        await db.Execute($"DELETE FROM placement_provider_aggregates WHERE provider_id = {id}");
        foreach (var aggregate in aggregates) await db.Execute($"INSERT INTO placement_provider_aggregates (provider_id, aggregate) VALUES ({id}, {aggregate})");
        await db.Execute($"UPDATE placement_providers SET aggregates = {Sql.Json(aggregates)} WHERE id = {id}");
    }
}
