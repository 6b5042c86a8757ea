using Nephos.Contracts;
using Nephos.Identity.Audit;
using Nephos.Identity.Groups;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Shared;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Assignments;

/// <summary>
/// Roles given on projects and domains, to users and groups, for the thing itself or (OS-INHERIT) for the projects below it. The same
/// three answers sixteen times over, so the paths are made by loops.
/// </summary>
internal sealed class GrantsApi(ProjectTable projects, UserTable users, GroupTable groups, RoleTable roles, AssignmentTable assignments, AssignmentChanges changes)
{
    public void Map(RouteGroup v3)
    {
        foreach (var target in (string[])["project", "domain"])
            foreach (var actor in (string[])["user", "group"])
            {
                var path = $"/{target}s/{{{target}_id}}/{actor}s/{{{actor}_id}}/roles";
                MapOne(v3, path, target, actor, inherited: false, listed: true, suffix: "");
                // keystone has no list of a project's inherited roles.
                MapOne(v3, "/OS-INHERIT" + path, target, actor, inherited: true, listed: target == "domain", suffix: "/inherited_to_projects");
            }
    }

    private void MapOne(RouteGroup v3, string path, string target, string actor, bool inherited, bool listed, string suffix)
    {
        AssignmentRow Row(Call call, string role) => new(target, call[target + "_id"], actor, call[actor + "_id"], role, inherited);
        var all = v3.Member(path, Member(target, actor, withRole: false));
        if (listed) all.Get(suffix, async (call, grant) =>
        {
            Present(call, grant, target, actor, withRole: false);
            return await List(call, Row(call, ""));
        }).Guard("identity:list_grants");

        var one = v3.Member(path + "/{role_id}" + suffix, Member(target, actor, withRole: true));
        one.Get("", async (call, grant) =>
        {
            Present(call, grant, target, actor, withRole: true);
            return await assignments.Exists(Row(call, grant.Role!.Id)) ? Answer.Empty : throw Absent(call, target, actor);
        }).Guard("identity:check_grant").Returns(204);
        one.Put("", async (call, grant) =>
        {
            Present(call, grant, target, actor, withRole: true);
            grant.RequireOneDomain();
            await changes.Add(Row(call, grant.Role!.Id));
            return Answer.Empty;
        }).Guard("identity:create_grant").Audited(AuditKinds.Granted, AuditKinds.Of(actor), actor + "_id").Returns(204);
        one.Delete("", async (call, grant) =>
        {
            // A role may be taken from someone who is gone: only role and target must be there.
            if (grant.Role is null) throw Errors.RoleNotFound(call["role_id"]);
            return await changes.Remove(Row(call, grant.Role.Id)) ? Answer.Empty : throw Absent(call, target, actor);
        }).Guard("identity:revoke_grant").Audited(AuditKinds.Revoked, AuditKinds.Of(actor), actor + "_id");
    }

    private MemberOf<Grant> Member(string target, string actor, bool withRole) => new(async call => new Grant(
        target == "domain" ? await projects.Domain(call["domain_id"]) : await projects.Find(call["project_id"]),
        actor == "user" ? await users.Find(call["user_id"]) : null,
        actor == "group" ? await groups.Find(call["group_id"]) : null,
        withRole ? await roles.Find(call["role_id"]) : null), _ => Errors.RoleNotFound(""), grant => grant.ForRules());

    private static void Present(Call call, Grant grant, string target, string actor, bool withRole)
    {
        if (withRole && grant.Role is null) throw Errors.RoleNotFound(call["role_id"]);
        if (actor == "user" && grant.User is null) throw Errors.UserNotFound(call["user_id"]);
        if (actor == "group" && grant.Group is null) throw Errors.GroupNotFound(call["group_id"]);
        if (grant.Target is null) throw target == "domain" ? Errors.DomainNotFound(call["domain_id"]) : Errors.ProjectNotFound(call["project_id"]);
    }

    private static Fault Absent(Call call, string target, string actor) => Errors.AssignmentNotFound(call["role_id"], call[actor + "_id"], call[target + "_id"]);

    private async Task<Answer> List(Call call, AssignmentRow like)
    {
        var given = await assignments.Where([$"target_kind = {like.TargetKind}", $"target_id = {like.TargetId}", $"actor_kind = {like.ActorKind}", $"actor_id = {like.ActorId}", $"inherited = {like.Inherited}"]);
        return Listing.Answer(call, "roles", [.. (await roles.Many([.. given.Select(a => a.RoleId)])).Select(r => RoleView.Of(r, call))]);
    }
}
