using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity.VersionTwo;

/// <summary>/v2.0/users. Whose tenant is named becomes a member of it, which takes the right to give that role.</summary>
internal sealed class UsersApi(UserTable users, UserChanges changes, ProjectTable projects, Membership membership)
{
    private const string Give = "identity:create_grant";

    public void Map(ServiceApi api, RouteGroup v2)
    {
        v2.Get("/users", List).Guard("identity:list_users").Target(_ => new() { ["target.domain_id"] = VersionTwo.Domain, ["target.domain.id"] = VersionTwo.Domain }).Fails(400, 404);
        v2.Post("/users", Create).Guard("identity:create_user").Target(_ => new() { ["target.user.domain_id"] = VersionTwo.Domain }).AlsoGuard(api, Give).Body(() => Bodies.CreateUser).Fails(403, 404, 409);
        var one = v2.Member("/users/{user_id}", new MemberOf<UserRow>(c => users.OfVersionTwo(c["user_id"]), c => Errors.UserNotFound(c["user_id"]), Targets.User));
        one.Get("", (_, user) => Task.FromResult(Shown(user))).Guard("identity:get_user");
        one.Delete("", Delete).Guard("identity:delete_user");
        one.Put("", Update).Guard("identity:update_user").AlsoGuard(api, Give).Body(() => Bodies.UpdateUser).Fails(409);
        // Clients use either name of each.
        foreach (var extension in (string[])["", "/OS-KSADM"])
            foreach (var (part, body) in ((string, Func<SchemaHistory>)[])[("password", () => Bodies.Password), ("enabled", () => Bodies.Enabled), ("tenant", () => Bodies.UserTenant)])
                one.Put($"{extension}/{part}", Update).Guard("identity:update_user").AlsoGuard(api, Give).Body(body).Fails(409);
    }

    private async Task<Answer> List(Call call)
    {
        if (call.Query["name"] is { } name) return Shown(await users.ByName(VersionTwo.Domain, name) ?? throw Errors.UserNotFound(name));
        var list = new Listing(call, "identity_users").Only($"domain_id = {VersionTwo.Domain}");
        return Answer.Json(("users", (await users.List(list.Sql)).Items.Select(UserView.Of)), ("users_links", Array.Empty<object>()));
    }

    private async Task<Answer> Create(Call call)
    {
        var given = BodyOfThree.User(Fields.In(call.Json, "user"));
        if (given.Text("name") is null) throw Errors.Invalid("Name field is required and cannot be empty");
        await RequireTenant(call, given, null);
        return Shown(await changes.Create(given, VersionTwo.Domain, user => membership.Move(user, null)));
    }

    private async Task<Answer> Update(Call call, UserRow user)
    {
        var given = BodyOfThree.User(Fields.In(call.Json, "user"));
        await RequireTenant(call, given, user.DefaultProjectId);
        return Shown(await changes.Update(user, given, changed => membership.Move(changed, user.DefaultProjectId)));
    }

    private async Task<Answer> Delete(Call call, UserRow user)
    {
        await changes.Delete(user);
        return Answer.Empty;
    }

    private async Task RequireTenant(Call call, Fields given, string? before)
    {
        if (given.Text("default_project_id") is not { } id) return;
        var tenant = await projects.Tenant(id) ?? throw Errors.ProjectNotFound(id);
        if (id != before) call.Authorize(Give, Membership.Target(tenant));
    }

    private static Answer Shown(UserRow user) => Answer.Json(("user", UserView.Of(user)));
}
