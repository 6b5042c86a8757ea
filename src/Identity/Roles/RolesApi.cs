using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Roles;

/// <summary>/v3/roles. A role of a domain has a second rule, asked besides.</summary>
internal sealed class RolesApi(IdentityDb db, RoleTable roles, ProjectTable projects, Epoch epoch)
{
    private static readonly string[] Known = ["name", "domain_id", "description", "options"];
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
        var role = new RoleRow(NewId.Hex(), given.Text("name")!.Trim(), domain, given.Text("description"), given.Options(), given.Extra(Known), db.Now);
        try { await epoch.Change(Happened.Created("role", role.Id), () => roles.Insert(role)); }
        catch (DuplicateKey) { throw Errors.NameTaken("role", role.Name, domain); }
        return Answer.Json(("role", RoleView.Of(role, call)));
    }

    private async Task<Answer> Update(Call call, RoleRow role)
    {
        Ask(call, role, "identity:update_domain_role");
        var given = Fields.In(call.Json, "role");
        if (given.Text("id") is { } id && id != role.Id) throw Errors.IdMismatch();
        if (given.Has("domain_id") && given.Text("domain_id") != role.DomainId) throw Errors.DomainMismatch();
        var options = given.Options(role.Options);
        if (Immutable(role.Options) && Immutable(options)) throw Errors.Immutable("role", role.Id);
        var changed = role with { Name = given.Text("name")?.Trim() ?? role.Name, Description = given.Text("description", role.Description), Options = options, Extra = given.Extra(Known, role.Extra) };
        try { await epoch.Change(Happened.Updated("role", role.Id), () => roles.Update(changed)); }
        catch (DuplicateKey) { throw Errors.NameTaken("role", changed.Name, role.DomainId); }
        return Answer.Json(("role", RoleView.Of(changed, call)));
    }

    private async Task<Answer> Delete(Call call, RoleRow role)
    {
        Ask(call, role, "identity:delete_domain_role");
        if (Immutable(role.Options)) throw Errors.ImmutableDelete("role", role.Id);
        await epoch.Change(Happened.Deleted("role", role.Id), () => roles.Delete(role.Id));
        return Answer.Empty;
    }

    private static void Ask(Call call, RoleRow role, string rule)
    {
        if (role.DomainId is not null) call.Authorize(rule, Target(role));
    }

    private static bool Immutable(Dictionary<string, JsonElement> options) => options.TryGetValue("immutable", out var value) && value.ValueKind == JsonValueKind.True;
}
