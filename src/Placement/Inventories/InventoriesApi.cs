using System.Text.Json;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Data;
using Nephos.Placement.Classes;
using Nephos.Placement.Providers;

namespace Nephos.Placement.Inventories;

/// <summary><c>/resource_providers/{uuid}/inventories</c>.</summary>
internal sealed class InventoriesApi(PlacementDb db, ProviderTable providers, InventoryTable inventories, ClassTable classes)
{
    private sealed record InventoryView(long Total, long Reserved, long MinUnit, long MaxUnit, long StepSize, double AllocationRatio, [property: OmitNull] long? ResourceProviderGeneration);

    public void Map(RouteGroup g)
    {
        var all = g.Member("/resource_providers/{uuid}/inventories", ProvidersApi.One(providers));
        all.Get("", List).Policy("placement:resource_providers:inventories:list", Rules.Operator, "List inventories");
        all.Post("", Create).Policy("placement:resource_providers:inventories:create", Rules.Operator, "Create an inventory").Body(() => InventorySchemas.Create).Returns(201).Fails(409, 415);
        all.Put("", SetAll).Policy("placement:resource_providers:inventories:update", Rules.Operator, "Set all inventories").Body(() => InventorySchemas.SetAll).Fails(409, 415);
        all.Delete("", DeleteAll).Since("1.5").Policy("placement:resource_providers:inventories:delete", Rules.Operator, "Delete all inventories").Fails(405, 409);
        all.Get("/{resource_class}", Show).Policy("placement:resource_providers:inventories:show", Rules.Operator, "Show an inventory");
        all.Put("/{resource_class}", Update).Policy("placement:resource_providers:inventories:update", Rules.Operator, "Update an inventory").Body(() => InventorySchemas.Update).Fails(409, 415);
        all.Delete("/{resource_class}", Delete).Policy("placement:resource_providers:inventories:delete", Rules.Operator, "Delete an inventory").Fails(409);
    }

    private async Task<Answer> List(Call call, ProviderRow provider) => Whole(call, await inventories.Of(provider.Id), provider.Generation);

    private async Task<Answer> Show(Call call, ProviderRow provider)
    {
        var one = (await inventories.Of(provider.Id)).Find(i => i.Class == call["resource_class"]) ?? throw Errors.NoInventory(call["resource_class"], call["uuid"]);
        return Answer.JsonValue(View(one, provider.Generation)).Changed(call, one.UpdatedAt);
    }

    private async Task<Answer> Create(Call call, ProviderRow provider)
    {
        var name = call.Json.GetProperty("resource_class").GetString()!;
        var row = Read(call.Json, provider.Id, name);
        CheckCapacity(call, "create", row);
        if (!await classes.Exists(name)) throw Errors.UnknownClass("Unable to create", provider.Id, name);
        try
        {
            await db.InTransaction(async () =>
            {
                await inventories.Insert(row);
                if (!await providers.Raise(provider.Id, provider.Generation)) throw Errors.RaceOn("Update conflict");
            });
        }
        catch (DuplicateKey) { throw Errors.InventoryTaken(provider.Id, name); }
        return Answer.JsonValue(View(row, provider.Generation + 1)).With("Location", $"{call.ServiceUrl}/resource_providers/{provider.Id}/inventories/{name}").Changed(call, db.Now);
    }

    private async Task<Answer> Update(Call call, ProviderRow provider)
    {
        if (call.Json.GetProperty("resource_provider_generation").GetInt64() != provider.Generation) throw Errors.Generation();
        var row = Read(call.Json, provider.Id, call["resource_class"]);
        CheckCapacity(call, "update", row);
        await db.InTransaction(async () =>
        {
            if (!await inventories.Update(row)) throw Errors.NoRecord(provider.Id, row.Class);
            if (!await providers.Raise(provider.Id, provider.Generation)) throw Errors.RaceOn("update conflict");
        });
        return Answer.JsonValue(View(row, provider.Generation + 1)).Changed(call, db.Now);
    }

    private async Task<Answer> SetAll(Call call, ProviderRow provider)
    {
        if (call.Json.GetProperty("resource_provider_generation").GetInt64() != provider.Generation) throw Errors.Generation();
        var rows = ReadAll(call.Json, provider.Id);
        foreach (var row in rows) CheckCapacity(call, "update", row);
        await db.InTransaction(async () =>
        {
            await Apply(provider.Id, rows, "update conflict: ");
            if (!await providers.Raise(provider.Id, provider.Generation)) throw Errors.RaceOn("update conflict");
        });
        return Whole(call, rows, provider.Generation + 1);
    }

    private async Task<Answer> DeleteAll(Call call, ProviderRow provider)
    {
        await db.InTransaction(async () =>
        {
            await Apply(provider.Id, [], "");
            if (!await providers.Raise(provider.Id, provider.Generation)) throw Errors.RaceOn("Unable to delete inventory");
        });
        return Answer.Empty;
    }

    private async Task<Answer> Delete(Call call, ProviderRow provider)
    {
        var name = call["resource_class"];
        await db.InTransaction(async () =>
        {
            if (!(await inventories.Of(provider.Id)).Exists(i => i.Class == name)) throw Errors.NoInventoryToDelete(name);
            if ((await inventories.Delete(provider.Id, [name])).Count > 0)
                throw Errors.InUse($"Unable to delete inventory of class {name}: ", [name], provider.Id, Errors.ConcurrentUpdate);
            if (!await providers.Raise(provider.Id, provider.Generation)) throw Errors.RaceOn($"Unable to delete inventory of class {name}");
        });
        return Answer.Empty;
    }

    /// <summary>Makes a provider's inventories these; part of a transaction.</summary>
    public async Task Apply(Guid provider, IReadOnlyList<InventoryRow> rows, string verb)
    {
        if (await classes.Unknown(rows.Select(r => r.Class)) is { } unknown) throw Errors.UnknownClass("Unknown resource class in", provider, unknown);
        var had = (await inventories.Of(provider)).Select(i => i.Class).ToHashSet(StringComparer.Ordinal);
        var gone = had.Where(c => !rows.Any(r => r.Class == c)).Order(StringComparer.Ordinal).ToList();
        if (gone.Count > 0 && await inventories.Delete(provider, gone) is { Count: > 0 } held) throw Errors.InUse(verb, held, provider);
        foreach (var row in rows)
        {
            if (had.Contains(row.Class)) await inventories.Update(row);
            else await inventories.Insert(row);
        }
    }

    /// <summary>The inventories of a body <c>{"inventories": {class: {..}}}</c>.</summary>
    public static IReadOnlyList<InventoryRow> ReadAll(JsonElement body, Guid provider) => [.. body.GetProperty("inventories").EnumerateObject().Select(p => Read(p.Value, provider, p.Name))];

    /// <summary>Refuses reserves beyond the total; before 1.26 also reserves of all.</summary>
    public static void CheckCapacity(Call call, string verb, InventoryRow row)
    {
        var mayBeTotal = call.At("1.26");
        if (row.Capacity < 0 || (row.Capacity == 0 && !mayBeTotal)) throw Errors.BadCapacity(verb, row.ProviderId, row.Class, mayBeTotal);
    }

    private static InventoryRow Read(JsonElement json, Guid provider, string name)
    {
        return new InventoryRow
        {
            ProviderId = provider, Class = name, Total = Number("total", 0), Reserved = Number("reserved", 0), MinUnit = Number("min_unit", 1),
            MaxUnit = Number("max_unit", int.MaxValue), StepSize = Number("step_size", 1),
            Ratio = json.TryGetProperty("allocation_ratio", out var ratio) ? ratio.GetDouble() : 1,
        };
        long Number(string member, long otherwise) => json.TryGetProperty(member, out var value) ? value.GetInt64() : otherwise;
    }

    private Answer Whole(Call call, IReadOnlyList<InventoryRow> rows, long generation) =>
        Answer.Json(("resource_provider_generation", generation), ("inventories", rows.ToDictionary(i => i.Class, i => View(i, null))))
            .Changed(call, rows.Count == 0 || rows[0].UpdatedAt == default ? db.Now : rows.Max(i => i.UpdatedAt));

    private static InventoryView View(InventoryRow i, long? generation) => new(i.Total, i.Reserved, i.MinUnit, i.MaxUnit, i.StepSize, i.Ratio, generation);
}
