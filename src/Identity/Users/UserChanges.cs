using Nephos.Contracts;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Users;

/// <summary>What both versions of the API do to users.</summary>
internal sealed class UserChanges(IdentityDb db, UserTable users, ProjectTable projects, PasswordProof proof, NewPasswords newPasswords, Lockout lockout, Epoch epoch, RevocationTable revocations, RemoveUsers remove)
{
    private static readonly string[] Known = ["name", "domain_id", "enabled", "default_project_id", "password", "options", "password_expires_at", "created_at", "last_active_at", "tenants", "groups", "domains"];

    /// <param name="given">The user as v3 has it.</param>
    /// <param name="domain">Where.</param>
    /// <param name="also">What else belongs to the change.</param>
    public async Task<UserRow> Create(Fields given, string domain, Func<UserRow, Task>? also = null)
    {
        if (await projects.Domain(domain) is null) throw Errors.DomainNotFound(domain);
        await CheckDefaultProject(given);
        var user = new UserRow(NewId.Hex(), given.Text("name")!.Trim(), domain, given.Flag("enabled", true), given.Text("default_project_id"), null, null, given.Options(), given.Extra(Known), db.Now);
        if (given.Text("password") is { } password) user = await newPasswords.Given(user, password);
        try
        {
            await epoch.Change(Happened.Created("user", user.Id), async () =>
            {
                await users.Insert(user);
                if (also is not null) await also(user);
            });
        }
        catch (DuplicateKey e) when (e.On("domain_id", "name")) { throw Errors.NameTaken("user", user.Name, domain); }
        return user;
    }

    /// <inheritdoc cref="Create"/>
    public async Task<UserRow> Update(UserRow user, Fields given, Func<UserRow, Task>? also = null)
    {
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
                if (also is not null) await also(changed);
            });
        }
        catch (DuplicateKey e) when (e.On("domain_id", "name")) { throw Errors.NameTaken("user", changed.Name, user.DomainId); }
        return changed;
    }

    /// <summary>A password that the user chose, who has to know the one before, be it expired.</summary>
    public async Task ChoosePassword(UserRow? user, Fields given)
    {
        user = await proof.Require(user, given.Text("original_password")!, evenExpired: true);
        var changed = await newPasswords.Chosen(user, given.Text("password")!);
        await epoch.Change(Happened.Updated("user", user.Id), async () =>
        {
            await users.SetPassword(changed);
            await newPasswords.Remember(user);
            await revocations.Revoke("user:" + user.Id);
        });
    }

    public Task Delete(UserRow user) => epoch.Change(Happened.Deleted("user", user.Id), () => remove.One(user.Id));

    private async Task CheckDefaultProject(Fields given)
    {
        if (given.Text("default_project_id") is { } id && await projects.Find(id) is { IsDomain: true }) throw Errors.Invalid("User's default project ID cannot be a domain ID: " + id);
    }
}
