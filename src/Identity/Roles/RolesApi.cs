using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Roles;

/// <summary>/v3/roles. A role of a domain has a second rule, asked besides.</summary>
internal sealed class RolesApi(RoleTable roles, RoleChanges changes, ProjectTable projects)
{
    private static readonly Schema Role = Schema.Object(("name", Shapes.Name), ("description", Shapes.Description), ("options", Shapes.Immutable));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("role", Role.Require("name"));
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("role", Shapes.Change(Role));

    public void Map(ServiceApi api, RouteGroup v3)
    {
        v3.Get("/roles", List).Guard("identity:list_roles").AlsoGuard(api, "identity:list_domain_roles").Fails(400);
        v3.Post("/roles", Create).Guard("identity:create_role").AlsoGuard(api, "identity:create_domain_role").Body(() => CreateBody).Returns(201).Fails(404, 409);
        var one = v3.Member("/roles/{role_id}", Member(roles));
        one.Get("", Show).Guard("identity:get_role").AlsoGuard(api, "identity:get_domain_role");
        one.Patch("", Update).Guard("identity:update_role").AlsoGuard(api, "identity:update_domain_role").Body(() => UpdateBody).Fails(409);
        one.Delete("", Delete).Guard("identity:delete_role").AlsoGuard(api, "identity:delete_domain_role");
    }

    public static MemberOf<RoleRow> Member(RoleTable roles, string name = "role_id") => new(c => roles.Find(c[name]), c => Errors.RoleNotFound(c[name]), Target);

    public static PolicyTarget Target(RoleRow role) => new() { ["target.role.id"] = role.Id, ["target.role.name"] = role.Name, ["target.role.domain_id"] = role.DomainId };

    private async Task<Answer> List(Call call)
    {
        var list = new Listing(call, "identity_roles").Texts("name");
        if (call.Query["domain_id"] is { Length: > 0 } domain)
        {
            call.Authorize("identity:list_domain_roles");
            list.Only($"domain_id = {domain}");
        }
        else list.Only($"domain_id IS NULL");
        var page = await roles.List(list.Sql);
        var shown = page.Items.AsEnumerable();
        // Managers see only what they may give.
        if (!call.Can("identity:list_domain_roles")) shown = shown.Where(r => r.Name is "manager" or "member" or "reader");
        return Listing.Answer(call, "roles", [.. shown.Select(r => RoleView.Of(r, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private static Task<Answer> Show(Call call, RoleRow role)
    {
        Ask(call, role, "identity:get_domain_role");
        return Task.FromResult(Answer.Json(("role", RoleView.Of(role, call))));
    }

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "role");
        var domain = given.Text("domain_id");
        if (domain is not null)
        {
            call.Authorize("identity:create_domain_role");
            if (await projects.Domain(domain) is null) throw Errors.DomainNotFound(domain);
        }
        return Answer.Json(("role", RoleView.Of(await changes.Create(given), call)));
    }

    private async Task<Answer> Update(Call call, RoleRow role)
    {
        Ask(call, role, "identity:update_domain_role");
        var given = Fields.In(call.Json, "role");
        return Answer.Json(("role", RoleView.Of(await changes.Update(role, given), call)));
    }

    private async Task<Answer> Delete(Call call, RoleRow role)
    {
        Ask(call, role, "identity:delete_domain_role");
        await changes.Delete(role);
        return Answer.Empty;
    }

    private static void Ask(Call call, RoleRow role, string rule)
    {
        if (role.DomainId is not null) call.Authorize(rule, Target(role));
    }
}
