using System.Globalization;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Quotas;

/// <summary>Quota sets and quota classes. Network's old quotas are stored and shown until 2.35; Network keeps its own.</summary>
internal sealed class QuotasApi(Quotas<ComputeDb> quotas, IIdentity identity)
{
    private const string Sets = "os_compute_api:os-quota-sets:";
    private static readonly string[] Networks = ["fixed_ips", "floating_ips", "security_group_rules", "security_groups"];
    private static readonly string[] Files = ["injected_files", "injected_file_content_bytes", "injected_file_path_bytes"];
    private static readonly Schema Number = Schema.Of("integer", "string").Set("pattern", "^-?[0-9]+$").Set("minimum", -1L).Set("maximum", 0x7FFFFFFFL);

    private static readonly SchemaHistory Update = SchemaHistory.Of(Schema.Object(("quota_set", Schema.Object(
            [.. ((string[])["instances", "cores", "ram", .. Networks, "metadata_items", "key_pairs", .. Files, "server_groups", "server_group_members", "networks"]).Select(n => (n, Number)),
            ("force", Types.Bool)]).Closed())).Require("quota_set").Closed())
        .At("2.36", s => s.In("quota_set", q => Without(q, [.. Networks, "networks"])))
        .At("2.57", s => s.In("quota_set", q => Without(q, Files)));

    private static readonly SchemaHistory UpdateClass = SchemaHistory.Of(Schema.Object(("quota_class_set", Schema.Object(
            [.. ((string[])["instances", "cores", "ram", .. Networks, "metadata_items", "key_pairs", .. Files]).Select(n => (n, Number))]).Closed())).Require("quota_class_set").Closed())
        .At("2.50", s => s.In("quota_class_set", q => Without(q, Networks).Add("server_groups", Number).Add("server_group_members", Number)))
        .At("2.57", s => s.In("quota_class_set", q => Without(q, Files)));

    private static readonly SchemaHistory Query = SchemaHistory.Of(Schema.Object(("user_id", Types.Many()))).At("2.75", s => s.Closed());

    public void Map(RouteGroup g)
    {
        g.Get("/os-quota-sets/{id}", Show).Policy(Sets + "show", Rule.ProjectReaderOrAdmin, "Show quotas").Target(Owner).Query(() => Query).Fails(400);
        g.Get("/os-quota-sets/{id}/detail", Detail).Policy(Sets + "detail", Rule.ProjectReaderOrAdmin, "Show quotas and their use").Target(Owner).Query(() => Query).Fails(400);
        g.Get("/os-quota-sets/{id}/defaults", Defaults).Policy(Sets + "defaults", Rule.Anyone, "Show default quotas").Fails(400);
        g.Put("/os-quota-sets/{id}", Change).Policy(Sets + "update", Rule.Admin, "Update quotas").Target(Owner).Body(() => Update).Query(() => Query);
        g.Delete("/os-quota-sets/{id}", Reset).Returns(202).Policy(Sets + "delete", Rule.Admin, "Revert quotas to defaults").Target(Owner).Query(() => Query).Fails(400);
        g.Get("/os-quota-class-sets/{id}", ShowClass).Policy("os_compute_api:os-quota-class-sets:show", Rule.Admin, "Show quotas of a class");
        g.Put("/os-quota-class-sets/{id}", ChangeClass).Policy("os_compute_api:os-quota-class-sets:update", Rule.Admin, "Update quotas of a class").Body(() => UpdateClass);
    }

    private static Schema Without(Schema schema, string[] names) => names.Aggregate(schema, (s, n) => s.Remove(n));
    private static PolicyTarget Owner(Call call) => PolicyTarget.OfProject(call["id"]);

    private async Task<Answer> Show(Call call)
    {
        var id = await Project(call);
        return Answer.Json(("quota_set", Shown(call, await quotas.Of(id), id)));
    }

    private async Task<Answer> Detail(Call call)
    {
        var id = await Project(call);
        var uses = (await quotas.Detail(id)).ToDictionary(u => u.Resource);
        return Answer.Json(("quota_set", Shown(call, uses.ToDictionary(u => u.Key, u => u.Value.Limit), id, name =>
            uses.TryGetValue(name, out var use) ? new Use(use.Limit, use.InUse, use.Reserved) : new Use(-1, 0, 0))));
    }

    private async Task<Answer> Defaults(Call call) => Answer.Json(("quota_set", Shown(call, await quotas.OfClass("default"), await Project(call))));

    private async Task<Answer> Change(Call call)
    {
        var id = await Project(call);
        var body = call.Json.GetProperty("quota_set");
        if (body.Text("networks") is not null) throw Errors.NoNetworkQuota();
        var uses = (await quotas.Detail(id)).ToDictionary(u => u.Resource);
        var changes = body.EnumerateObject().Where(p => uses.ContainsKey(p.Name)).Select(p => (p.Name, Limit: (long)body.Whole(p.Name))).ToList();
        if (!body.Flag("force"))
            foreach (var (name, limit) in changes)
                if (limit >= 0 && limit < uses[name].InUse + uses[name].Reserved) throw Errors.QuotaBelowUse(name, limit, uses[name].InUse + uses[name].Reserved);
        foreach (var (name, limit) in changes) await quotas.Set(id, name, limit);
        return Answer.Json(("quota_set", Shown(call, await quotas.Of(id), null)));
    }

    private async Task<Answer> Reset(Call call)
    {
        await quotas.Reset(await Project(call));
        return Answer.Empty;
    }

    private async Task<Answer> ShowClass(Call call) =>
        Answer.Json(("quota_class_set", OfClass(call, Shown(call, await quotas.OfClass(call["id"]), call["id"], networksEnd: "2.50"))));

    private async Task<Answer> ChangeClass(Call call)
    {
        var body = call.Json.GetProperty("quota_class_set");
        var known = (await quotas.OfClass(call["id"])).Keys.ToHashSet();
        foreach (var property in body.EnumerateObject()) if (known.Contains(property.Name)) await quotas.SetClass(call["id"], property.Name, body.Whole(property.Name));
        return Answer.Json(("quota_class_set", OfClass(call, Shown(call, await quotas.OfClass(call["id"]), null, networksEnd: "2.50"))));
    }

    // Classes learned of groups in 2.50.
    private static SortedDictionary<string, object> OfClass(Call call, SortedDictionary<string, object> set)
    {
        if (!call.At("2.50")) foreach (var name in (string[])["server_groups", "server_group_members"]) set.Remove(name);
        return set;
    }

    private async Task<string> Project(Call call) =>
        (await identity.Projects([call["id"]], call.Cancel)).Count > 0 ? call["id"] : throw Errors.NoSuchProject(call["id"]);

    private static SortedDictionary<string, object> Shown(Call call, IReadOnlyDictionary<string, long> limits, string? id, Func<string, object>? of = null, string networksEnd = "2.36")
    {
        var set = new SortedDictionary<string, object>(StringComparer.Ordinal);
        if (id is not null) set["id"] = id;
        foreach (var (name, limit) in limits)
            if (!(call.At("2.57") && Files.Contains(name)) && !(call.At(networksEnd) && Networks.Contains(name))) set[name] = of?.Invoke(name) ?? limit;
        return set;
    }

    private sealed record Use(long Limit, long InUse, long Reserved);
}
