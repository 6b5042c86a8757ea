using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;
using Nephos.Placement.Classes;
using Nephos.Placement.Inventories;
using Nephos.Placement.Providers;

namespace Nephos.Placement.Allocations;

/// <summary><c>/allocations</c>, a provider's allocations, and <c>/reshaper</c>.</summary>
internal sealed class AllocationsApi(PlacementDb db, AllocationTable allocations, ProviderTable providers, ClassTable classes, InventoriesApi inventories)
{
    private sealed record ByProvider(IReadOnlyDictionary<string, long> Resources, long Generation);
    private sealed record ByConsumer(IReadOnlyDictionary<string, long> Resources, [property: Since("1.28")] long ConsumerGeneration);

    public void Map(RouteGroup g)
    {
        g.Post("/allocations", SetMany).Since("1.13").Policy("placement:allocations:manage", Rules.Operator, "Set allocations of several consumers")
            .Body(() => AllocationSchemas.Post).Returns(204).Fails(404, 409, 415);
        g.Get("/allocations/{consumer_uuid}", Show).Policy("placement:allocations:list", Rules.Operator, "Show a consumer's allocations");
        g.Put("/allocations/{consumer_uuid}", Set).Policy("placement:allocations:update", Rules.Operator, "Set a consumer's allocations").Body(() => AllocationSchemas.Put).Returns(204).Fails(409, 415);
        g.Delete("/allocations/{consumer_uuid}", Delete).Policy("placement:allocations:delete", Rules.Operator, "Delete a consumer's allocations").Fails(404);
        g.Member("/resource_providers/{uuid}/allocations", ProvidersApi.One(providers)).Get("", OfProvider)
            .Policy("placement:resource_providers:allocations:list", Rules.Operator, "List a provider's allocations");
        g.Post("/reshaper", Reshape).Since("1.30").Policy("placement:reshaper:reshape", Rules.Service, "Change inventories and allocations at once")
            .Body(() => AllocationSchemas.Reshape).Returns(204).Fails(404, 409, 415);
    }

    private async Task<Answer> Show(Call call)
    {
        var rows = Guid.TryParse(call["consumer_uuid"], out var id) ? await allocations.OfConsumer(id) : [];
        var view = rows.GroupBy(r => r.ProviderId).ToDictionary(p => p.Key.ToString(), p => new ByProvider(p.ToDictionary(r => r.Class, r => r.Used), p.First().ProviderGeneration));
        var first = rows.Count > 0 && call.At("1.12") ? rows[0] : null;
        return Answer.Json(("allocations", view), ("project_id", first?.ProjectId), ("user_id", first?.UserId),
                ("consumer_generation", call.At("1.28") ? first?.ConsumerGeneration : null), ("consumer_type", call.At("1.38") && first is not null ? first.ConsumerType ?? "unknown" : null))
            .Changed(call, rows.Count == 0 ? db.Now : rows.Max(r => r.CreatedAt));
    }

    private async Task<Answer> OfProvider(Call call, ProviderRow provider)
    {
        var rows = await allocations.OfProvider(provider.Id);
        var view = rows.GroupBy(r => r.ConsumerId).ToDictionary(c => c.Key.ToString(), c => new ByConsumer(c.ToDictionary(r => r.Class, r => r.Used), c.First().ConsumerGeneration));
        return Answer.Json(("allocations", view), ("resource_provider_generation", provider.Generation)).Changed(call, rows.Count == 0 ? db.Now : rows.Max(r => r.CreatedAt));
    }

    private async Task<Answer> Set(Call call)
    {
        if (!Guid.TryParse(call["consumer_uuid"], out var id)) throw Errors.BadConsumer(call["consumer_uuid"]);
        await Write([AllocationBody.Read(call, id, call.Json)]);
        return Answer.Empty;
    }

    private async Task<Answer> SetMany(Call call)
    {
        await Write(AllocationBody.ReadAll(call, call.Json));
        return Answer.Empty;
    }

    private async Task<Answer> Delete(Call call) =>
        Guid.TryParse(call["consumer_uuid"], out var id) && await allocations.Release(id) ? Answer.Empty : throw Errors.NoAllocations(call["consumer_uuid"]);

    private async Task<Answer> Reshape(Call call)
    {
        var wanted = new List<(ProviderRow Provider, IReadOnlyList<InventoryRow> Rows)>();
        foreach (var entry in call.Json.GetProperty("inventories").EnumerateObject())
        {
            var provider = await providers.Find(entry.Name)
                ?? throw Errors.Invalid($"Resource provider {entry.Name} in inventories not found: No resource provider with uuid {entry.Name} found", Errors.ProviderNotFound);
            var given = entry.Value.GetProperty("resource_provider_generation").GetInt64();
            if (given != provider.Generation)
                throw Errors.Conflict($"resource provider generation conflict for provider {entry.Name}: actual: {provider.Generation}, given: {given}", Errors.ConcurrentUpdate);
            wanted.Add((provider, InventoriesApi.ReadAll(entry.Value, provider.Id)));
        }
        await Write(AllocationBody.ReadAll(call, call.Json.GetProperty("allocations")), async () =>
        {
            foreach (var (provider, rows) in wanted)
            {
                await inventories.Apply(provider.Id, rows, "update conflict: ");
                if (!await providers.Raise(provider.Id, provider.Generation)) throw Errors.RaceOn("update conflict");
            }
        });
        return Answer.Empty;
    }

    private async Task Write(IReadOnlyList<ConsumerChange> changes, Func<Task>? between = null)
    {
        var asked = changes.SelectMany(c => c.Amounts).ToList();
        var ids = asked.Select(a => a.Provider).Distinct().ToList();
        var known = (await providers.Find(ids)).Select(p => p.Id).ToHashSet();
        if (ids.FindIndex(id => !known.Contains(id)) is var missing and >= 0) throw Errors.AllocationOfUnknown(ids[missing].ToString());
        if (await classes.Unknown(asked.Select(a => a.Class)) is { } unknown) throw Errors.AllocationOfUnknownClass(changes[0].Id.ToString(), unknown);
        await allocations.Replace(changes, between);
    }
}
