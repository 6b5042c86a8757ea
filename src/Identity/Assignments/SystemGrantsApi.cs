using Nephos.Identity.Audit;
using Nephos.Identity.Groups;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Assignments;

/// <summary>Roles on the whole system: /v3/system/users and /v3/system/groups.</summary>
internal sealed class SystemGrantsApi(UserTable users, GroupTable groups, RoleTable roles, AssignmentTable assignments, AssignmentChanges changes)
{
    public void Map(RouteGroup v3)
    {
        foreach (var actor in (string[])["user", "group"])
        {
            AssignmentRow Row(Call call, string role) => new(AssignmentTable.System, AssignmentTable.System, actor, call[actor + "_id"], role, false);
            var path = $"/system/{actor}s/{{{actor}_id}}/roles";
            v3.Member(path, Member(actor, withRole: false)).Get("", async (call, grant) =>
            {
                Present(call, grant, actor);
                return await List(call, Row(call, ""));
            }).Guard($"identity:list_system_grants_for_{actor}");
            var one = v3.Member(path + "/{role_id}", Member(actor, withRole: true));
            one.Get("", async (call, grant) =>
            {
                Present(call, grant, actor);
                var role = grant.Role ?? throw Errors.RoleNotFound(call["role_id"]);
                return await assignments.Exists(Row(call, role.Id)) ? Answer.Empty : throw Errors.AssignmentNotFound(role.Id, call[actor + "_id"], AssignmentTable.System);
            }).Guard($"identity:check_system_grant_for_{actor}").Returns(204);
            one.Put("", async (call, grant) =>
            {
                Present(call, grant, actor);
                var role = grant.Role ?? throw Errors.RoleNotFound(call["role_id"]);
                if (role.DomainId is not null) throw Errors.Invalid($"Role {role.Id} is a domain-specific role. Unable to use a domain-specific role in a system assignment.");
                await changes.Add(Row(call, role.Id));
                return Answer.Empty;
            }).Guard($"identity:create_system_grant_for_{actor}").Audited(AuditKinds.Granted, AuditKinds.Of(actor), actor + "_id").Returns(204).Fails(400);
            one.Delete("", async (call, grant) =>
            {
                var role = grant.Role ?? throw Errors.RoleNotFound(call["role_id"]);
                return await changes.Remove(Row(call, role.Id)) ? Answer.Empty : throw Errors.AssignmentNotFound(role.Id, call[actor + "_id"], AssignmentTable.System);
            }).Guard($"identity:revoke_system_grant_for_{actor}").Audited(AuditKinds.Revoked, AuditKinds.Of(actor), actor + "_id");
        }
    }

    private MemberOf<Grant> Member(string actor, bool withRole) => new(async call => new Grant(null,
        actor == "user" ? await users.Find(call["user_id"]) : null, actor == "group" ? await groups.Find(call["group_id"]) : null,
        withRole ? await roles.Find(call["role_id"]) : null), _ => Errors.RoleNotFound(""), grant => grant.ForRules());

    private static void Present(Call call, Grant grant, string actor)
    {
        if (actor == "user" && grant.User is null) throw Errors.UserNotFound(call["user_id"]);
        if (actor == "group" && grant.Group is null) throw Errors.GroupNotFound(call["group_id"]);
    }

    private async Task<Answer> List(Call call, AssignmentRow like)
    {
        var given = await assignments.Where([$"target_kind = {like.TargetKind}", $"actor_kind = {like.ActorKind}", $"actor_id = {like.ActorId}"]);
        return Listing.Answer(call, "roles", [.. (await roles.Many([.. given.Select(a => a.RoleId)])).Select(r => RoleView.Of(r, call))]);
    }
}
