using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Identity.Audit;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Groups;

/// <summary>/v3/groups and who is in them.</summary>
internal sealed class GroupsApi(IdentityDb db, GroupTable groups, UserTable users, ProjectTable projects, AssignmentTable assignments, Epoch epoch)
{
    private static readonly string[] Known = ["name", "domain_id", "description"];
    private static readonly Schema Group = Schema.Object(("description", Shapes.NullableDescription), ("domain_id", Shapes.Id), ("name", Shapes.Name));
    private static readonly SchemaHistory CreateBody = Shapes.Enveloped("group", Group.Require("name"));
    private static readonly SchemaHistory UpdateBody = Shapes.Enveloped("group", Shapes.Change(Group));

    /// <summary>A membership in question; each side may be missing until the rules were asked.</summary>
    private sealed record Membership(GroupRow? Group, UserRow? User);

    public void Map(RouteGroup v3)
    {
        v3.Get("/groups", List).Guard("identity:list_groups").Target(Targets.Domain).Fails(400);
        v3.Post("/groups", Create).Guard("identity:create_group").Target(c => new() { ["target.group.domain_id"] = DomainOf.New(c, DomainOf.Unchecked(c, "group")) })
            .Body(() => CreateBody).Returns(201).Fails(404, 409);
        var one = v3.Member("/groups/{group_id}", new MemberOf<GroupRow>(c => groups.Find(c["group_id"]), c => Errors.GroupNotFound(c["group_id"]), Targets.Group));
        one.Get("", (call, group) => Task.FromResult(Answer.Json(("group", GroupView.Of(group, call))))).Guard("identity:get_group");
        one.Patch("", Update).Guard("identity:update_group").Body(() => UpdateBody).Fails(409);
        one.Delete("", Delete).Guard("identity:delete_group");
        one.Get("/users", ListUsers).Guard("identity:list_users_in_group").Fails(400);
        var member = v3.Member("/groups/{group_id}/users/{user_id}", new MemberOf<Membership>(
            async c => new(await groups.Find(c["group_id"]), await users.Find(c["user_id"])), c => Errors.GroupNotFound(c["group_id"]), m =>
            {
                var target = m.User is null ? [] : Targets.User(m.User);
                if (m.Group is not null) foreach (var (key, value) in Targets.Group(m.Group)) target[key] = value;
                return target;
            }));
        member.Get("", CheckMember).Guard("identity:check_user_in_group").Returns(204);
        member.Put("", AddMember).Guard("identity:add_user_to_group").Audited("create/group_membership", AuditKinds.User).Returns(204);
        member.Delete("", RemoveMember).Guard("identity:remove_user_from_group").Audited("delete/group_membership", AuditKinds.User);
    }

    private async Task<Answer> List(Call call)
    {
        var list = new Listing(call, "identity_groups").Texts("domain_id", "name");
        if (call.Caller.DomainId is { } domain) list.Only($"domain_id = {domain}");
        var page = await groups.List(list.Sql);
        return Listing.Answer(call, "groups", [.. page.Items.Select(g => GroupView.Of(g, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "group");
        var domain = DomainOf.New(call, given);
        if (await projects.Domain(domain) is null) throw Errors.DomainNotFound(domain);
        var group = new GroupRow(NewId.Hex(), given.Text("name")!.Trim(), domain, given.Text("description") ?? "", given.Extra(Known), db.Now);
        try { await epoch.Change(Happened.Created("group", group.Id), () => groups.Insert(group)); }
        catch (DuplicateKey e) when (e.On("domain_id", "name")) { throw Errors.NameTaken("group", group.Name, domain); }
        return Answer.Json(("group", GroupView.Of(group, call)));
    }

    private async Task<Answer> Update(Call call, GroupRow group)
    {
        var given = Fields.In(call.Json, "group");
        if (given.Text("id") is { } id && id != group.Id) throw Errors.IdMismatch();
        if (given.Text("domain_id") is { } domain && domain != group.DomainId) throw Errors.DomainMismatch();
        var changed = group with { Name = given.Text("name")?.Trim() ?? group.Name, Description = given.Text("description", group.Description) ?? "", Extra = given.Extra(Known, group.Extra) };
        try { await epoch.Change(Happened.Updated("group", group.Id), () => groups.Update(changed)); }
        catch (DuplicateKey e) when (e.On("domain_id", "name")) { throw Errors.NameTaken("group", changed.Name, group.DomainId); }
        return Answer.Json(("group", GroupView.Of(changed, call)));
    }

    private async Task<Answer> Delete(Call call, GroupRow group)
    {
        await epoch.Change(Happened.Deleted("group", group.Id), async () =>
        {
            await assignments.RemoveActors("group", [group.Id]);
            await groups.Delete([group.Id]);
        });
        return Answer.Empty;
    }

    private async Task<Answer> ListUsers(Call call, GroupRow group)
    {
        var list = new Listing(call, "identity_users").Texts("domain_id", "name").Flags("enabled").Only($"id IN (SELECT user_id FROM identity_memberships WHERE group_id = {group.Id})");
        if (call.Query["password_expires_at"] is { } expiry) list.Only(PasswordExpiry.Filter(expiry));
        if (call.Caller.DomainId is { } domain) list.Only($"domain_id = {domain}");
        var page = await users.List(list.Sql);
        return Listing.Answer(call, "users", [.. page.Items.Select(u => UserView.Of(u, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> CheckMember(Call call, Membership member)
    {
        var (group, user) = Both(call, member);
        return await groups.HasMember(group.Id, user.Id) ? Answer.Empty : throw Errors.UserNotInGroup(user.Id, group.Id);
    }

    private async Task<Answer> AddMember(Call call, Membership member)
    {
        var (group, user) = Both(call, member);
        await epoch.Change(Happened.Updated("group", group.Id), () => groups.AddMember(group.Id, user.Id));
        return Answer.Empty;
    }

    private async Task<Answer> RemoveMember(Call call, Membership member)
    {
        var (group, user) = Both(call, member);
        var was = await epoch.Change(Happened.Updated("group", group.Id), () => groups.RemoveMember(group.Id, user.Id));
        return was ? Answer.Empty : throw Errors.UserNotInGroup(user.Id, group.Id);
    }

    private static (GroupRow Group, UserRow User) Both(Call call, Membership member) =>
        (member.Group ?? throw Errors.GroupNotFound(call["group_id"]), member.User ?? throw Errors.UserNotFound(call["user_id"]));
}
