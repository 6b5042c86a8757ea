using Nephos.Identity.Assignments;
using Nephos.Identity.Audit;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;

namespace Nephos.Identity.VersionTwo;

/// <summary>Roles of a user in a tenant. A role may be given by its name.</summary>
internal sealed class TenantRolesApi(ProjectTable projects, UserTable users, RoleTable roles, AssignmentTable assignments, AssignmentChanges changes, ProjectRoles projectRoles)
{
    public void Map(RouteGroup v2)
    {
        const string Path = "/tenants/{tenant_id}/users/{user_id}/roles";
        v2.Member(Path, Member(withRole: false)).Get("", List).Guard("identity:list_grants");
        var one = v2.Member(Path + "/OS-KSADM/{role_id}", Member(withRole: true));
        one.Put("", Add).Guard("identity:create_grant").Audited(AuditKinds.Granted, AuditKinds.User, "user_id").Fails(409);
        one.Delete("", Remove).Guard("identity:revoke_grant").Audited(AuditKinds.Revoked, AuditKinds.User, "user_id");
    }

    private MemberOf<Grant> Member(bool withRole) => new(async call => new Grant(await projects.Tenant(call["tenant_id"]), await users.OfVersionTwo(call["user_id"]), null,
        withRole ? await roles.OfVersionTwo(call["role_id"]) : null), _ => Errors.RoleNotFound(""), grant => grant.ForRules());

    private async Task<Answer> List(Call call, Grant grant)
    {
        var (tenant, user) = Present(call, grant);
        return Answer.Json(("roles", (await projectRoles.Of(user.Id, tenant)).Select(RoleView.Of)));
    }

    private async Task<Answer> Add(Call call, Grant grant)
    {
        var (tenant, user) = Present(call, grant);
        var role = grant.Role ?? throw Errors.RoleNotFound(call["role_id"]);
        var row = new AssignmentRow("project", tenant.Id, "user", user.Id, role.Id, false);
        if (await assignments.Exists(row)) throw Errors.Conflict("role grant", $"User {user.Id} already has role {role.Id} in tenant {tenant.Id}");
        await changes.Add(row);
        return Answer.Json(("role", RoleView.Of(role)));
    }

    private async Task<Answer> Remove(Call call, Grant grant)
    {
        // A role may be taken from someone who is gone.
        var role = grant.Role ?? throw Errors.RoleNotFound(call["role_id"]);
        return await changes.Remove(new("project", call["tenant_id"], "user", call["user_id"], role.Id, false))
            ? Answer.Empty : throw Errors.AssignmentNotFound(role.Id, call["user_id"], call["tenant_id"]);
    }

    private static (ProjectRow Tenant, UserRow User) Present(Call call, Grant grant) =>
        (grant.Target ?? throw Errors.ProjectNotFound(call["tenant_id"]), grant.User ?? throw Errors.UserNotFound(call["user_id"]));
}
