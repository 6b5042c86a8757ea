using Nephos.Contracts;
using Nephos.Identity.Assignments;
using Nephos.Identity.Audit;
using Nephos.Identity.Credentials;
using Nephos.Identity.Groups;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Trusts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Users;

/// <summary>/v3/users.</summary>
internal sealed class UsersApi(UserTable users, UserChanges changes, GroupTable groups)
{
    public void Map(RouteGroup v3)
    {
        v3.Get("/users", List).Guard("identity:list_users").Target(call => Targets.Domain(call)).Fails(400);
        v3.Post("/users", Create).Guard("identity:create_user").Target(c => new() { ["target.user.domain_id"] = DomainOf.New(c, DomainOf.Unchecked(c, "user")) })
            .Body(() => UserSchemas.Create).Returns(201).Fails(403, 404, 409);
        var one = v3.Member("/users/{user_id}", Member(users));
        one.Get("", (call, user) => Task.FromResult(Answer.Json(("user", UserView.Of(user, call))))).Guard("identity:get_user");
        one.Patch("", Update).Guard("identity:update_user").Body(() => UserSchemas.Update).Fails(409);
        one.Delete("", Delete).Guard("identity:delete_user");
        one.Get("/groups", ListGroups).Guard("identity:list_groups_for_user").Fails(400);
        v3.Post("/users/{user_id}/password", ChangePassword).Public("Whoever knows the old password may change it, also when it has expired.").Audited("update/password", AuditKinds.User).Body(() => UserSchemas.Password).Returns(204).Fails(400, 401, 403, 404);
    }

    public static MemberOf<UserRow> Member(UserTable users) => new(c => users.Find(c["user_id"]), c => Errors.UserNotFound(c["user_id"]), Targets.User);

    private async Task<Answer> List(Call call)
    {
        var list = new Listing(call, "identity_users").Texts("domain_id", "name").Flags("enabled");
        if (call.Caller.DomainId is { } domain) list.Only($"domain_id = {domain}");
        if (call.Query["password_expires_at"] is { } expiry) list.Only(PasswordExpiry.Filter(expiry));
        if (call.Query.Has("idp_id") || call.Query.Has("protocol_id") || call.Query.Has("unique_id")) list.Only(Sql.Raw("1 = 0"));
        var page = await users.List(list.Sql);
        return Listing.Answer(call, "users", [.. page.Items.Select(u => UserView.Of(u, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> Create(Call call)
    {
        var given = Fields.In(call.Json, "user");
        return Answer.Json(("user", UserView.Of(await changes.Create(given, DomainOf.New(call, given)), call)));
    }

    private async Task<Answer> Update(Call call, UserRow user) => Answer.Json(("user", UserView.Of(await changes.Update(user, Fields.In(call.Json, "user")), call)));

    private async Task<Answer> Delete(Call call, UserRow user)
    {
        await changes.Delete(user);
        return Answer.Empty;
    }

    private async Task<Answer> ListGroups(Call call, UserRow user)
    {
        var list = new Listing(call, "identity_groups").Texts("name").Only($"id IN (SELECT group_id FROM identity_memberships WHERE user_id = {user.Id})");
        if (call.Caller.DomainId is { } domain) list.Only($"domain_id = {domain}");
        var page = await groups.List(list.Sql);
        return Listing.Answer(call, "groups", [.. page.Items.Select(g => GroupView.OfMember(g, call))], page.HasMore ? page.Items[^1].Id : null);
    }

    private async Task<Answer> ChangePassword(Call call)
    {
        var user = await users.Find(call["user_id"]);
        call.Tries(user);
        await changes.ChoosePassword(user, Fields.In(call.Json, "user"));
        return Answer.Empty;
    }
}
