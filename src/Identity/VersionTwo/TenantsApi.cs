using Nephos.Identity.Assignments;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.VersionTwo;

/// <summary>/v2.0/tenants.</summary>
internal sealed class TenantsApi(ProjectTable projects, ProjectChanges changes, UserTable users, UserScopes scopes, AssignmentSearch search)
{
    private static readonly PolicyTarget Everywhere = new() { ["target.domain_id"] = VersionTwo.Domain, ["target.domain.id"] = VersionTwo.Domain };

    public void Map(ServiceApi api, RouteGroup v2)
    {
        v2.Get("/tenants", List).Guard("identity:get_auth_projects").AlsoGuard(api, "identity:list_projects").Fails(400, 404);
        v2.Post("/tenants", Create).Guard("identity:create_project").Target(_ => new() { ["target.project.domain_id"] = VersionTwo.Domain }).Body(() => Bodies.CreateTenant).Fails(409);
        var one = v2.Member("/tenants/{tenant_id}", new MemberOf<ProjectRow>(c => projects.Tenant(c["tenant_id"]), c => Errors.ProjectNotFound(c["tenant_id"]), Targets.Project));
        one.Get("", (_, tenant) => Task.FromResult(Shown(tenant))).Guard("identity:get_project");
        one.Post("", Update).Guard("identity:update_project").Body(() => Bodies.UpdateTenant).Fails(409);
        one.Delete("", Delete).Guard("identity:delete_project");
        one.Get("/users", ListUsers).Guard("identity:list_role_assignments").Fails(400);
    }

    /// <summary>All for those who may see all, else the caller's own: what the two ports once told apart.</summary>
    private async Task<Answer> List(Call call)
    {
        var list = new Listing(call, "identity_projects").Texts("name").Only($"is_domain = FALSE AND domain_id = {VersionTwo.Domain}");
        if (!call.Can("identity:list_projects", Everywhere)) list.Only($"enabled = TRUE AND id IN {await scopes.Projects(call.Caller.UserId)}");
        var page = await projects.List(list.Sql);
        // By name there is one or none, and no list.
        if (call.Query["name"] is { } name) return Shown(page.Items is [var found, ..] ? found : throw Errors.ProjectNotFound(name));
        return Answer.Json(("tenants", page.Items.Select(TenantView.Of)), ("tenants_links", Array.Empty<object>()));
    }

    private async Task<Answer> Create(Call call) => Shown(await changes.Create(BodyOfThree.Tenant(Fields.In(call.Json, "tenant")), VersionTwo.Domain));

    private async Task<Answer> Update(Call call, ProjectRow tenant) => Shown(await changes.Update(tenant, BodyOfThree.Tenant(Fields.In(call.Json, "tenant"))));

    private async Task<Answer> Delete(Call call, ProjectRow tenant)
    {
        await changes.Delete(tenant, ProjectKind.Project);
        return Answer.Empty;
    }

    private async Task<Answer> ListUsers(Call call, ProjectRow tenant)
    {
        var members = await search.Find(new(null, null, null, tenant.Id, null, System: false, Inherited: null, Effective: true, Subtree: false));
        var list = new Listing(call, "identity_users").Only($"domain_id = {VersionTwo.Domain} AND id IN {members.Select(m => m.UserId!).Distinct().ToList()}");
        return Answer.Json(("users", (await users.List(list.Sql)).Items.Select(UserView.Of)), ("users_links", Array.Empty<object>()));
    }

    private static Answer Shown(ProjectRow tenant) => Answer.Json(("tenant", TenantView.Of(tenant)));
}
