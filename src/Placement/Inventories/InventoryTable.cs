using Nephos.Kernel.Data;

namespace Nephos.Placement.Inventories;

internal sealed class InventoryTable(PlacementDb db)
{
    public Task<List<InventoryRow>> Of(Guid provider) => db.Query<InventoryRow>($"SELECT * FROM placement_inventories WHERE provider_id = {provider} ORDER BY class");

    public Task<List<InventoryRow>> Of(IReadOnlyList<Guid> providers) =>
        db.Query<InventoryRow>($"SELECT * FROM placement_inventories WHERE provider_id IN {providers} ORDER BY provider_id, class");

    /// <summary>Adds one; <see cref="DuplicateKey"/> if the provider has one of the class.</summary>
    public Task Insert(InventoryRow i) => db.Execute($"""
        INSERT INTO placement_inventories (provider_id, class, total, reserved, min_unit, max_unit, step_size, ratio, used, created_at, updated_at)
        VALUES ({i.ProviderId}, {i.Class}, {i.Total}, {i.Reserved}, {i.MinUnit}, {i.MaxUnit}, {i.StepSize}, {i.Ratio}, 0, {db.Now}, {db.Now})
        """);

    public Task<bool> Update(InventoryRow i) => db.Changed($"""
        UPDATE placement_inventories SET total = {i.Total}, reserved = {i.Reserved}, min_unit = {i.MinUnit}, max_unit = {i.MaxUnit}, step_size = {i.StepSize},
            ratio = {i.Ratio}, updated_at = {db.Now}
        WHERE provider_id = {i.ProviderId} AND class = {i.Class}
        """);

    /// <summary>Removes those that are not used; gives back those that are.</summary>
    public async Task<IReadOnlyList<string>> Delete(Guid provider, IReadOnlyList<string> classes)
    {
        await db.Execute($"DELETE FROM placement_inventories WHERE provider_id = {provider} AND class IN {classes} AND used = 0");
        return await db.Query<string>($"SELECT class FROM placement_inventories WHERE provider_id = {provider} AND class IN {classes} ORDER BY class");
    }

    /// <summary>Takes some, if it fits.</summary>
    public Task<bool> Take(Guid provider, string @class, long amount) => db.Changed($"""
        UPDATE placement_inventories SET used = used + {amount}
        WHERE provider_id = {provider} AND class = {@class} AND {amount} >= min_unit AND {amount} <= max_unit AND {amount} % step_size = 0
            AND used + {amount} <= (total - reserved) * ratio
        """);

    /// <summary>Gives back everything of consumers; their allocations are still there.</summary>
    public Task GiveBack(IReadOnlyList<Guid> consumers) => db.Execute($"""
        UPDATE placement_inventories SET used = placement_inventories.used - a.used
        FROM (SELECT provider_id, class, CAST(SUM(used) AS BIGINT) AS used FROM placement_allocations WHERE consumer_id IN {consumers} GROUP BY provider_id, class) AS a
        WHERE a.provider_id = placement_inventories.provider_id AND a.class = placement_inventories.class
        """);
}
