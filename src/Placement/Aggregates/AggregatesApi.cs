using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Placement.Providers;

namespace Nephos.Placement.Aggregates;

/// <summary><c>/resource_providers/{uuid}/aggregates</c>.</summary>
internal sealed class AggregatesApi(PlacementDb db, ProviderTable providers)
{
    private static readonly Schema Ids = Schema.List(Schema.Uuid, unique: true);

    private static readonly SchemaHistory SetBody = SchemaHistory.Of(Ids)
        .At("1.19", _ => Schema.Object(("aggregates", Ids), ("resource_provider_generation", Types.Whole)).Require("aggregates", "resource_provider_generation").Closed());

    public void Map(RouteGroup g)
    {
        var one = g.Member("/resource_providers/{uuid}/aggregates", ProvidersApi.One(providers));
        one.Get("", (call, row) => Task.FromResult(View(call, row.Aggregates, row.Generation))).Since("1.1").Policy("placement:resource_providers:aggregates:list", Rules.Operator, "List a provider's aggregates");
        one.Put("", Set).Since("1.1").Policy("placement:resource_providers:aggregates:update", Rules.Operator, "Set a provider's aggregates").Body(() => SetBody).Fails(409, 415);
    }

    private async Task<Answer> Set(Call call, ProviderRow provider)
    {
        var counts = call.At("1.19");
        if (counts && call.Json.GetProperty("resource_provider_generation").GetInt64() != provider.Generation) throw Errors.GenerationChanged();
        Guid[] wanted = [.. (counts ? call.Json.GetProperty("aggregates") : call.Json).EnumerateArray().Select(a => Guid.Parse(a.GetString()!)).Distinct()];
        await db.InTransaction(async () =>
        {
            await providers.SetAggregates(provider.Id, wanted);
            if (counts && !await providers.Raise(provider.Id, provider.Generation)) throw Errors.RaceOn("Update conflict");
        });
        return View(call, wanted, provider.Generation + 1);
    }

    private Answer View(Call call, IReadOnlyList<Guid> aggregates, long generation) =>
        Answer.Json(("aggregates", aggregates), ("resource_provider_generation", call.At("1.19") ? generation : null)).Changed(call, db.Now);
}
