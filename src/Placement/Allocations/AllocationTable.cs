using Nephos.Kernel.Data;
using Nephos.Placement.Inventories;
using Nephos.Placement.Providers;

namespace Nephos.Placement.Allocations;

/// <summary>Allocations, their consumers, and the used amounts of inventories, always changed together.</summary>
internal sealed class AllocationTable(PlacementDb db, InventoryTable inventories, ProviderTable providers)
{
    private const string Columns = """
        a.consumer_id, a.provider_id, a.class, a.used, a.created_at, p.generation AS provider_generation, c.generation AS consumer_generation,
        c.project_id, c.user_id, c.type AS consumer_type
        FROM placement_allocations a JOIN placement_providers p ON p.id = a.provider_id JOIN placement_consumers c ON c.id = a.consumer_id
        """;

    public Task<List<AllocationRow>> OfConsumer(Guid consumer) =>
        db.Query<AllocationRow>($"SELECT {Sql.Raw(Columns)} WHERE a.consumer_id = {consumer} ORDER BY a.provider_id, a.class");

    public Task<List<AllocationRow>> OfProvider(Guid provider) =>
        db.Query<AllocationRow>($"SELECT {Sql.Raw(Columns)} WHERE a.provider_id = {provider} ORDER BY a.consumer_id, a.class");

    public Task<ConsumerRow?> Consumer(Guid id) => db.One<ConsumerRow>($"SELECT * FROM placement_consumers WHERE id = {id}");

    /// <summary>
    /// Replaces what consumers have, all or nothing. <paramref name="between"/> runs when the old allocations are given back and the new
    /// ones not yet taken (a reshape changes inventories there).
    /// </summary>
    public Task Replace(IReadOnlyList<ConsumerChange> changes, Func<Task>? between = null) => db.InTransaction(async () =>
    {
        var ids = changes.Select(c => c.Id).ToList();
        foreach (var change in changes.OrderBy(c => c.Id)) await Ensure(change);
        foreach (var provider in changes.SelectMany(c => c.Amounts).Select(a => a.Provider).Distinct().Order()) await db.Queue($"provider/{provider}");
        await inventories.GiveBack(ids);
        await db.Execute($"DELETE FROM placement_allocations WHERE consumer_id IN {ids}");
        if (between is not null) await between();
        // In one order, so that two such transactions wait for each other rather than in a circle.
        foreach (var (change, amount) in changes.SelectMany(c => c.Amounts.Select(a => (c, a))).OrderBy(x => x.a.Provider).ThenBy(x => x.a.Class, StringComparer.Ordinal))
        {
            if (!await inventories.Take(amount.Provider, amount.Class, amount.Used)) throw await Refusal(amount);
            await db.Execute($"""
                INSERT INTO placement_allocations (consumer_id, provider_id, class, used, created_at) VALUES ({change.Id}, {amount.Provider}, {amount.Class}, {amount.Used}, {db.Now})
                """);
        }
        await providers.Raise(changes.SelectMany(c => c.Amounts).Select(a => a.Provider));
        var gone = changes.Where(c => c.Amounts.Count == 0).Select(c => c.Id).ToList();
        if (gone.Count > 0) await db.Execute($"DELETE FROM placement_consumers WHERE id IN {gone}");
    });

    /// <summary>Gives back everything of a consumer; false if it had nothing.</summary>
    public Task<bool> Release(Guid consumer) => db.InTransaction(async () =>
    {
        await inventories.GiveBack([consumer]);
        var had = await db.Changed($"DELETE FROM placement_allocations WHERE consumer_id = {consumer}");
        await db.Execute($"DELETE FROM placement_consumers WHERE id = {consumer}");
        return had;
    });

    private async Task Ensure(ConsumerChange change)
    {
        var known = await Consumer(change.Id);
        if (change.Checked && known?.Generation != change.Generation)
            throw Errors.ConsumerGeneration(known is null ? "null" : $"{known.Generation}", change.Generation is { } given ? $"{given}" : "None");
        var written = known is null
            ? await db.Changed($"""
                INSERT INTO placement_consumers (id, generation, project_id, user_id, type, created_at, updated_at)
                VALUES ({change.Id}, 1, {change.ProjectId}, {change.UserId}, {change.Type}, {db.Now}, {db.Now}) ON CONFLICT DO NOTHING
                """)
            : await db.Changed($"""
                UPDATE placement_consumers SET generation = generation + 1, project_id = {change.ProjectId}, user_id = {change.UserId},
                    type = COALESCE({change.Type}, type), updated_at = {db.Now}
                WHERE id = {change.Id} AND generation = {known.Generation}
                """);
        if (!written) throw Errors.RaceOn("Inventory and/or allocations changed while attempting to allocate");
    }

    private async Task<Contracts.Fault> Refusal(Amount amount)
    {
        var inventory = (await inventories.Of(amount.Provider)).Find(i => i.Class == amount.Class);
        return inventory is null ? Errors.NotThere(amount.Class, amount.Provider)
            : !inventory.Allows(amount.Used) ? Errors.BadUnits(amount.Class, amount.Provider)
            : Errors.OverCapacity(amount.Class, amount.Provider);
    }
}
