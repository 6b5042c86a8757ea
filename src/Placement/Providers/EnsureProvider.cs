using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Placement.Classes;
using Nephos.Placement.Inventories;
using Nephos.Placement.Traits;

namespace Nephos.Placement.Providers;

/// <summary>Makes a provider as a node reports it, and touches nothing when it is so already.</summary>
internal sealed class EnsureProvider(PlacementDb db, ProviderTable providers, InventoryTable inventories, TraitTable traits, ClassTable classes)
{
    public async Task Run(ProviderSpec spec)
    {
        try { await db.InTransaction(() => Apply(spec)); }
        catch (DuplicateKey) { throw Errors.ProviderTaken($"name: {spec.Name}"); }
    }

    private async Task Apply(ProviderSpec spec)
    {
        var row = await providers.Find(spec.Id) ?? await providers.Insert(spec.Id, spec.Name, null, spec.Id);
        var changed = false;
        if (row.Name != spec.Name) { await providers.Rename(spec.Id, spec.Name); changed = true; }
        string[] wanted = [.. spec.Traits.Distinct().Order(StringComparer.Ordinal)];
        if (!row.Traits.SequenceEqual(wanted))
        {
            foreach (var trait in await traits.Unknown(wanted)) await traits.Add(trait);
            await providers.SetTraits(spec.Id, wanted);
            changed = true;
        }
        if (await SetInventories(spec)) changed = true;
        if (changed) await providers.Raise([spec.Id]);
    }

    private async Task<bool> SetInventories(ProviderSpec spec)
    {
        var had = (await inventories.Of(spec.Id)).ToDictionary(i => i.Class);
        var changed = false;
        foreach (var (name, inventory) in spec.Inventories)
        {
            var row = InventoryRow.Of(spec.Id, name, inventory);
            if (!had.TryGetValue(name, out var old))
            {
                if (!StandardClasses.Has(name)) await classes.Add(name);
                await inventories.Insert(row);
            }
            else if (old.Inventory == inventory) continue;
            else await inventories.Update(row);
            changed = true;
        }
        // What consumers still hold stays until they let go of it.
        var gone = had.Values.Where(i => !spec.Inventories.ContainsKey(i.Class) && i.Used == 0).Select(i => i.Class).ToList();
        if (gone.Count == 0) return changed;
        await inventories.Delete(spec.Id, gone);
        return true;
    }
}
