using Nephos.Contracts;
using Nephos.Identity.ApplicationCredentials;
using Nephos.Identity.Audit;
using Nephos.Identity.Credentials;
using Nephos.Identity.OAuth1;
using Nephos.Identity.Shared;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Audit;

namespace Nephos.Identity.Tokens;

/// <summary>Checks the proofs a request brings: password, token, application credential, one-time code. All of those named must hold, for one user.</summary>
internal sealed class UserProof(IdentityDb db, UserTable users, ScopeLookup scopes, PasswordProof byPassword, Passwords passwords, TokenService tokens, ApplicationCredentialTable credentials, OneTimeCodes codes, Lockout lockout, OAuthProof oauth)
{
    public async Task<Proof> Of(Call call, Fields identity, IReadOnlyList<string> methods, Scope? scope)
    {
        Proof? all = null;
        // A code counts once, so it is looked at when all else was right.
        foreach (var method in methods.OrderBy(m => m == "totp"))
        {
            var data = identity.Inner(method);
            var one = method switch
            {
                "password" => await Password(call, data),
                "token" => await FromToken(call, data, scope),
                "totp" => await OneTimeCode(call, data),
                "oauth1" => await Lent(call),
                _ => await ApplicationCredential(call, data),
            };
            all = all is null ? one : Both(all, one);
        }
        return all!;
    }

    private static Proof Both(Proof a, Proof b) => a.UserId != b.UserId ? throw Errors.Unauthorized() : a with
    {
        Methods = [.. a.Methods.Union(b.Methods)],
        NotAfter = a.NotAfter ?? b.NotAfter,
        ParentAuditId = a.ParentAuditId ?? b.ParentAuditId,
        ApplicationCredential = a.ApplicationCredential ?? b.ApplicationCredential,
        AccessToken = a.AccessToken ?? b.AccessToken,
    };

    private async Task<Proof> Password(Call call, Fields data)
    {
        var given = data.Inner("user");
        var user = await byPassword.Require(await User(call, data, "password"), given.Text("password") ?? "");
        return new(user.Id, ["password"]);
    }

    private async Task<Proof> FromToken(Call call, Fields data, Scope? scope)
    {
        var facts = data.Text("id") is { } id ? await tokens.Find(id) : throw Errors.Missing("id", "token");
        if (facts is null) throw Errors.TokenUnknown();
        call.Proves(facts);
        if (facts.AccessToken is not null) throw Errors.ForbiddenAction("Using OAuth-scoped token to create another token. Create a new OAuth-scoped token instead");
        if (facts.Trust is not null) throw Errors.ForbiddenAction("Using trust-scoped token to create another token. Create a new trust-scoped token instead");
        if (facts.IsSystem && scope?.Kind is ScopeKind.Project or ScopeKind.Domain)
            throw Errors.ForbiddenAction("Using a system-scoped token to create a project-scoped or domain-scoped token is not allowed.");
        // What was lent for one scope leads nowhere else.
        if (!facts.Token.IsPrimary) throw Errors.ForbiddenAction("Using a delegated token to create another token is not allowed.");
        return new(facts.Token.UserId, [.. facts.Token.Methods.Union(["token"])])
        {
            NotAfter = facts.Token.ExpiresAt, ParentAuditId = facts.Token.ParentAuditId ?? facts.Token.AuditId,
        };
    }

    private async Task<Proof> ApplicationCredential(Call call, Fields data)
    {
        ApplicationCredentialRow? row;
        if (data.Text("id") is { } id) row = await credentials.Find(id);
        else if (data.Text("name") is { } name) row = await User(call, data, "application_credential") is { } owner ? await credentials.ByName(owner.Id, name) : null;
        else throw Errors.Missing("id or name", "application credential");
        if (row is not null) call.Tries(new Initiator(row.UserId) { ProjectId = row.ProjectId, ApplicationCredentialId = row.Id });
        var right = await passwords.Check(data.Text("secret") ?? "", row?.SecretHash);
        if (row is null || !right || row.ExpiresAt <= db.Now) throw Errors.Unauthorized();
        return new(row.UserId, ["application_credential"]) { ApplicationCredential = row };
    }

    private async Task<Proof> OneTimeCode(Call call, Fields data)
    {
        var user = await User(call, data, "totp");
        if (user is not { Enabled: true } || await lockout.IsLocked(user)) throw Errors.Unauthorized();
        if (!await codes.Take(user.Id, data.Inner("user").Text("passcode") ?? ""))
        {
            await lockout.Failed(user);
            throw Errors.Unauthorized();
        }
        // Of guesses at the same time those after the last allowed one do not count, also the right one.
        if (await lockout.IsLocked(user)) throw Errors.Unauthorized();
        return new(user.Id, ["totp"]);
    }

    private async Task<Proof> Lent(Call call)
    {
        var token = await oauth.AccessToken(call);
        call.Tries(new Initiator(token.UserId) { ProjectId = token.ProjectId });
        return new(token.UserId, ["oauth1"]) { AccessToken = token };
    }

    /// <summary>The user a method names; null if unknown, so that the caller can spend the same time as for a known one.</summary>
    private async Task<UserRow?> User(Call call, Fields data, string method)
    {
        var user = await Named(data, method);
        call.Tries(user);
        return user;
    }

    private async Task<UserRow?> Named(Fields data, string method)
    {
        if (!data.Has("user")) throw Errors.Missing("user", method);
        var user = data.Inner("user");
        if (user.Text("name") is { Length: > 0 } name)
        {
            if (!user.Has("domain")) throw Errors.Missing("domain", "user");
            return await users.ByName((await scopes.Domain(user.Inner("domain"), $"identity/{method}/user/domain")).Id, name);
        }
        if (user.Text("id") is { Length: > 0 } id) return await users.Find(id);
        throw user.Has("id") || user.Has("name") || method != "password" ? Errors.Missing("id or name", "user")
            : Errors.Invalid("Invalid input for field identity/password/user: id or name must be present.");
    }
}
