using Nephos.Contracts;
using Nephos.Identity.Assignments;
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
internal sealed class UsersApi(IdentityDb db, UserTable users, ProjectTable projects, GroupTable groups, PasswordProof proof, NewPasswords newPasswords, Lockout lockout, Epoch epoch, RevocationTable revocations, RemoveUser remove)
{
    private static readonly string[] Known = ["name", "domain_id", "enabled", "default_project_id", "password", "options", "password_expires_at", "created_at", "last_active_at", "tenants", "groups", "domains"];

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
        v3.Post("/users/{user_id}/password", ChangePassword).Public("Whoever knows the old password may change it, also when it has expired.").Body(() => UserSchemas.Password).Returns(204).Fails(400, 401, 403, 404);
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
        var domain = DomainOf.New(call, given);
        if (await projects.Domain(domain) is null) throw Errors.DomainNotFound(domain);
        await CheckDefaultProject(given);
        var user = new UserRow(NewId.Hex(), given.Text("name")!.Trim(), domain, given.Flag("enabled", true), given.Text("default_project_id"), null, null, given.Options(), given.Extra(Known), db.Now);
        if (given.Text("password") is { } password) user = await newPasswords.Given(user, password);
        try { await epoch.Change(Happened.Created("user", user.Id), () => users.Insert(user)); }
        catch (DuplicateKey e) when (e.On("domain_id", "name")) { throw Errors.NameTaken("user", user.Name, domain); }
        return Answer.Json(("user", UserView.Of(user, call)));
    }

    private async Task<Answer> Update(Call call, UserRow user)
    {
        var given = Fields.In(call.Json, "user");
        if (given.Text("id") is { } id && id != user.Id) throw Errors.IdMismatch();
        if (given.Text("domain_id") is { } domain && domain != user.DomainId) throw Errors.DomainMismatch();
        await CheckDefaultProject(given);
        var changed = user with
        {
            Name = given.Text("name")?.Trim() ?? user.Name,
            Enabled = given.Flag("enabled", user.Enabled),
            DefaultProjectId = given.Text("default_project_id", user.DefaultProjectId),
            Options = given.Options(user.Options),
            Extra = given.Extra(Known, user.Extra),
        };
        if (given.Has("password")) changed = await newPasswords.Given(changed, given.Text("password"));
        try
        {
            await epoch.Change(Happened.Updated("user", user.Id), async () =>
            {
                await users.Update(changed);
                if (changed.Enabled) await lockout.Forgive(changed);
                // Whoever enables an account takes it for one that is in use.
                if (given.Flag("enabled", false)) await users.Saw(user.Id);
                if (given.Has("password"))
                {
                    await users.SetPassword(changed);
                    await newPasswords.Remember(user);
                }
                // A new password and a disabled account end what was issued before.
                if (given.Has("password") || user.Enabled && !changed.Enabled) await revocations.Revoke("user:" + user.Id);
            });
        }
        catch (DuplicateKey e) when (e.On("domain_id", "name")) { throw Errors.NameTaken("user", changed.Name, user.DomainId); }
        return Answer.Json(("user", UserView.Of(changed, call)));
    }

    private async Task<Answer> Delete(Call call, UserRow user)
    {
        await epoch.Change(Happened.Deleted("user", user.Id), () => remove.Run(user.Id));
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
        var given = Fields.In(call.Json, "user");
        var user = await proof.Require(await users.Find(call["user_id"]), given.Text("original_password")!, evenExpired: true);
        var changed = await newPasswords.Chosen(user, given.Text("password")!);
        await epoch.Change(Happened.Updated("user", user.Id), async () =>
        {
            await users.SetPassword(changed);
            await newPasswords.Remember(user);
            await revocations.Revoke("user:" + user.Id);
        });
        return Answer.Empty;
    }

    private async Task CheckDefaultProject(Fields given)
    {
        if (given.Text("default_project_id") is { } id && await projects.Find(id) is { IsDomain: true }) throw Errors.Invalid("User's default project ID cannot be a domain ID: " + id);
    }
}
