using Nephos.Kernel.Data;

namespace Nephos.Placement.Classes;

/// <summary>Custom resource classes; the standard ones are known without a table.</summary>
internal sealed class ClassTable(PlacementDb db)
{
    public async Task<bool> Exists(string name) => StandardClasses.Has(name) || await db.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM placement_classes WHERE name = {name})");

    /// <summary>The first of the names that is no class, or null.</summary>
    public async Task<string?> Unknown(IEnumerable<string> names)
    {
        var custom = names.Where(n => !StandardClasses.Has(n)).Distinct().ToList();
        if (custom.Count == 0) return null;
        var known = await db.Query<string>($"SELECT name FROM placement_classes WHERE name IN {custom}");
        return custom.Find(n => !known.Contains(n));
    }

    public Task<List<(string Name, DateTimeOffset UpdatedAt)>> Custom() => db.Query<(string, DateTimeOffset)>($"SELECT name, updated_at FROM placement_classes ORDER BY created_at, name");

    /// <summary>True if it is new.</summary>
    public Task<bool> Add(string name) => db.Changed($"INSERT INTO placement_classes (name, created_at, updated_at) VALUES ({name}, {db.Now}, {db.Now}) ON CONFLICT DO NOTHING");

    /// <summary>Renames one, with the inventories and allocations of it; <see cref="DuplicateKey"/> if the new name is taken.</summary>
    public Task<bool> Rename(string name, string to) => db.InTransaction(async () =>
    {
        if (!await db.Changed($"UPDATE placement_classes SET name = {to}, updated_at = {db.Now} WHERE name = {name}")) return false;
        await db.Execute($"UPDATE placement_inventories SET class = {to} WHERE class = {name}");
        await db.Execute($"UPDATE placement_allocations SET class = {to} WHERE class = {name}");
        return true;
    });

    public Task<bool> IsUsed(string name) => db.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM placement_inventories WHERE class = {name})");

    public Task<bool> Remove(string name) => db.Changed($"DELETE FROM placement_classes WHERE name = {name} AND NOT EXISTS (SELECT 1 FROM placement_inventories WHERE class = {name})");
}
