using System.Text.Json;
using Nephos.Kernel.Api;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Policy;
using Nephos.Network.Attributes;

namespace Nephos.Network;

/// <summary><c>/quotas</c>.</summary>
internal sealed class QuotasApi(NetworkDb db, Quotas<NetworkDb> quotas)
{
    public void Map(RouteGroup v2)
    {
        Guard(v2.Get("/quotas", List), "get_quota");
        // "tenant" is not a project: upstream answers whose the token is.
        Guard(v2.Get("/quotas/tenant", call => Task.FromResult(Answer.Json(("tenant", new { tenant_id = call.Caller.ProjectId })))), "regular_user");
        Guard(v2.Get("/quotas/project", call => Task.FromResult(Answer.Json(("project", new { project_id = call.Caller.ProjectId })))), "regular_user");
        Guard(v2.Get("/quotas/{project}", Show), "get_quota");
        Guard(v2.Get("/quotas/{project}/default", Default), "get_quota");
        Guard(v2.Get("/quotas/{project}/details", Details), "get_quota");
        Guard(v2.Put("/quotas/{project}", Update), "update_quota").Fails(400);
        Guard(v2.Delete("/quotas/{project}", Reset), "delete_quota").Fails(404);
    }

    private async Task<Answer> List(Call call)
    {
        if (!ResourceApi<Agents.AgentRow>.ViewerOf(call).IsAdmin) throw Errors.AdminRequired("Only admin can view or configure quota");
        var all = new List<Dictionary<string, object?>>();
        foreach (var project in await quotas.ProjectsWithLimits())
        {
            var view = View(await quotas.Detail(project));
            view["project_id"] = view["tenant_id"] = project;
            all.Add(view);
        }
        return Answer.Json(("quotas", all));
    }

    private async Task<Answer> Show(Call call) => Answer.Json(("quota", View(await quotas.Detail(Project(call, "get_quota")))));

    private Task<Answer> Default(Call call)
    {
        Project(call, "get_quota");
        return Task.FromResult(Answer.Json(("quota", NetworkQuotas.All.ToDictionary(r => r.Name, r => r.Default))));
    }

    private async Task<Answer> Details(Call call) => Answer.Json(("quota", (await quotas.Detail(Project(call, "get_quota")))
        .ToDictionary(q => q.Resource, q => new { used = q.InUse, limit = q.Limit, reserved = q.Reserved })));

    private async Task<Answer> Update(Call call)
    {
        var project = Project(call, "update_quota");
        var item = BodyReader.One(call.Json, "quota");
        var limits = new Dictionary<string, long>();
        var unknown = new List<string>();
        foreach (var member in item.EnumerateObject())
        {
            if (member.Name is "tenant_id" or "project_id" or "force" or "check_limit") continue;
            if (!Array.Exists(NetworkQuotas.All, r => r.Name == member.Name)) unknown.Add(member.Name);
            else limits[member.Name] = Limit(member);
        }
        if (unknown.Count > 0) throw Errors.UnknownQuota(string.Join(", ", unknown));
        await db.InTransaction(async () => { foreach (var (name, limit) in limits) await quotas.Set(project, name, limit); });
        return Answer.Json(("quota", View(await quotas.Detail(project))));
    }

    private async Task<Answer> Reset(Call call)
    {
        var project = Project(call, "delete_quota");
        if (!(await quotas.ProjectsWithLimits()).Contains(project)) throw Errors.QuotaNotSet(project);
        await quotas.Reset(project);
        return Answer.Empty;
    }

    private static long Limit(JsonProperty member)
    {
        try { return (long)Read.Int(-1, int.MaxValue)(member.Value)!; }
        catch (InvalidValue e) { throw Errors.BadRequest($"Invalid input for {member.Name}. Reason: {e.Message}."); }
    }

    private static Dictionary<string, object?> View(IReadOnlyList<QuotaUse> all) => all.ToDictionary(q => q.Resource, q => (object?)q.Limit);

    // Nobody needs a rule to read the limits of the project of his token.
    private static string Project(Call call, string rule) => rule == "get_quota" && call["project"] == call.Caller.ProjectId || Rules.Allows(call, rule, PolicyTarget.OfProject(call["project"])) ? call["project"] : throw Errors.NotAllowed("rule:" + rule);

    private static Route Guard(Route route, string rule) => route.Policy(rule, Policies.All[rule], Policies.Describe(rule));
}
