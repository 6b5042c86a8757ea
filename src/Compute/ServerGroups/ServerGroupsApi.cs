using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.ServerGroups;

internal sealed class ServerGroupsApi(ComputeDb db, ServerGroupTable groups, Quotas<ComputeDb> quotas)
{
    private const string Root = "os_compute_api:os-server-groups:";

    private static readonly SchemaHistory NewOne = SchemaHistory.Of(Schema.Object(("server_group", Schema.Object(
            ("name", Types.Name), ("policies", Policies("anti-affinity", "affinity"))).Require("name", "policies").Closed())).Require("server_group").Closed())
        .At("2.15", s => s.In("server_group", x => x.Add("policies", Policies("anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"))))
        .At("2.64", s => s.In("server_group", x => x.Remove("policies").Require("policy")
            .Add("policy", Schema.Of("string").Set("enum", new object[] { "anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity" }))
            .Add("rules", Schema.Object(("max_server_per_host", Types.Positive)).Closed())));

    private static readonly SchemaHistory Listing = SchemaHistory.Of(Schema.Object(
        ("all_projects", Types.Many()), ("limit", Types.Many(Types.NonNegative)), ("offset", Types.Many(Types.NonNegative)))).At("2.75", s => s.Closed());

    public void Map(RouteGroup g)
    {
        g.Get("/os-server-groups", List).Policy(Root + "index", Rule.ProjectReaderOrAdmin, "List server groups").Query(() => Listing)
            .Also(Root + "index:all_projects", Rule.Admin, "List server groups of all projects");
        g.Post("/os-server-groups", Create).Policy(Root + "create", Rule.ProjectMember, "Create a server group").Body(() => NewOne).Fails(409);
        var one = g.Member("/os-server-groups/{id}", new MemberOf<ServerGroup>(
            async c => await groups.Find(c["id"]) is { } group && (group.ProjectId == c.Caller.ProjectId || c.Caller.HasRole("admin")) ? group : null,
            c => Errors.GroupOfServersNotFound(c["id"]), s => PolicyTarget.OfProject(s.ProjectId, s.UserId)));
        one.Get("", async (c, s) => Answer.Json(("server_group", (await Views([s]))[0]))).Policy(Root + "show", Rule.ProjectReaderOrAdmin, "Show a server group");
        one.Delete("", Delete).Policy(Root + "delete", Rule.ProjectMemberOrAdmin, "Delete a server group");
    }

    private static Schema Policies(params object[] names) => Schema.List(Schema.Of("string").Set("enum", names), 1, 1, unique: true);

    private async Task<Answer> List(Call call)
    {
        var all = call.Query.Has("all_projects") && call.Can(Root + "index:all_projects");
        var paging = Paging.Of(call);
        var offset = int.TryParse(call.Query["offset"], out var skip) ? skip : 0;
        var rows = await groups.List(all ? null : call.Caller.ProjectId ?? "", offset, paging.Limit == 0 ? Paging.Max : paging.Limit);
        return Answer.Json(("server_groups", await Views(rows)));
    }

    private async Task<Answer> Create(Call call)
    {
        var body = call.Json.GetProperty("server_group");
        var policy = call.At("2.64") ? body.Text("policy")! : body.GetProperty("policies")[0].GetString()!;
        var most = body.Part("rules")?.Text("max_server_per_host") is not null ? body.Part("rules")!.Value.Whole("max_server_per_host") : (long?)null;
        if (most is not null && policy != "anti-affinity") throw Errors.RulesWithoutAntiAffinity();
        var group = new ServerGroup(NewId.Uuid(), body.GetProperty("name").GetString()!.Trim(), call.Caller.ProjectId!, call.Caller.UserId, policy, most, db.Now);
        try
        {
            await db.InTransaction(async () =>
            {
                await quotas.Take(group.ProjectId, new Dictionary<string, long> { ["server_groups"] = 1 });
                await groups.Insert(group);
            });
        }
        catch (QuotaExceeded) { throw Errors.TooManyServerGroups(); }
        return Answer.Json(("server_group", (await Views([group]))[0]));
    }

    private async Task<Answer> Delete(Call call, ServerGroup group)
    {
        await groups.Delete(group.Id);
        return Answer.Empty;
    }

    private async Task<List<GroupView>> Views(List<ServerGroup> rows)
    {
        var members = (await groups.Members([.. rows.Select(r => r.Id)])).ToLookup(m => m.Group, m => m.Server.ToString());
        return rows.ConvertAll(r => new GroupView(r.Id.ToString(), r.Name, [r.Policy], new Dictionary<string, string>(), r.Policy,
            r.MaxPerHost is { } most ? new Dictionary<string, long> { ["max_server_per_host"] = most } : [], [.. members[r.Id]], r.ProjectId, r.UserId));
    }

    private sealed record GroupView(string Id, string Name, [property: Until("2.63")] string[] Policies, [property: Until("2.63")] Dictionary<string, string> Metadata,
        [property: Since("2.64")] string Policy, [property: Since("2.64")] Dictionary<string, long> Rules, string[] Members,
        [property: Since("2.13")] string ProjectId, [property: Since("2.13")] string UserId);
}
