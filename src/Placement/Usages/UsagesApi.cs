using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;
using Nephos.Placement.Inventories;
using Nephos.Placement.Providers;

namespace Nephos.Placement.Usages;

/// <summary><c>/usages</c>, and a provider's usages.</summary>
internal sealed class UsagesApi(PlacementDb db, UsageTable usages, InventoryTable inventories, ProviderTable providers)
{
    private static readonly SchemaHistory Query = SchemaHistory.Of(Schema.Object(("project_id", Types.Owner), ("user_id", Types.Owner)).Require("project_id").Closed())
        .At("1.38", s => s.Add("consumer_type", Schema.Of("string").Set("pattern", Types.ClassKey + "|^all|^unknown$").Set("minLength", 1).Set("maxLength", 255)));

    public void Map(RouteGroup g)
    {
        g.Member("/resource_providers/{uuid}/usages", ProvidersApi.One(providers)).Get("", OfProvider)
            .Policy("placement:resource_providers:usages", Rules.Operator, "Show a provider's usages");
        g.Get("/usages", OfProject).Since("1.9").Target(c => PolicyTarget.OfProject(c.Query["project_id"]))
            .Policy("placement:usages", Rules.OperatorOrReader, "Show a project's usages").Fails(400, 404);
    }

    private async Task<Answer> OfProvider(Call call, ProviderRow provider) => Answer.Json(("resource_provider_generation", provider.Generation),
        ("usages", (await inventories.Of(provider.Id)).ToDictionary(i => i.Class, i => i.Used))).Changed(call, db.Now);

    private async Task<Answer> OfProject(Call call)
    {
        call.CheckQuery(Query);
        var (project, user, type) = (call.Query["project_id"]!, call.Query["user_id"], call.Query["consumer_type"]);
        if (!call.At("1.38")) return Answer.Json(("usages", (await usages.OfProject(project, user)).ToDictionary(u => u.Class, u => u.Used))).Changed(call, db.Now);
        var counts = await usages.Consumers(project, user, type is "all" ? null : type);
        var used = (await usages.ByType(project, user, type is "all" ? null : type)).ToLookup(u => type is "all" ? "all" : u.Type);
        var groups = type is "all" ? counts.Count == 0 ? [] : [("all", counts.Sum(c => c.Count))] : counts;
        return Answer.Json(("usages", groups.ToDictionary(g => g.Item1, g =>
        {
            var view = used[g.Item1].GroupBy(u => u.Class).ToDictionary(u => u.Key, u => u.Sum(x => x.Used));
            view["consumer_count"] = g.Item2;
            return view;
        }))).Changed(call, db.Now);
    }
}
