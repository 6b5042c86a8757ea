using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.ApplicationCredentials;
using Nephos.Identity.Assignments;
using Nephos.Identity.Audit;
using Nephos.Identity.OAuth1;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Trusts;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Tokens;

/// <summary>Who a request proved to be, by which methods, and what that limits.</summary>
internal sealed record Proof(string UserId, IReadOnlyList<string> Methods)
{
    public DateTimeOffset? NotAfter { get; init; }
    public string? ParentAuditId { get; init; }
    public ApplicationCredentialRow? ApplicationCredential { get; init; }
    public AccessTokenRow? AccessToken { get; init; }
}

/// <summary>Turns a request for a token into a token: proves who asks, finds the scope, issues.</summary>
internal sealed class Login(IdentityDb db, IdentityOptions options, UserProof proof, ScopeLookup scopes, TokenService tokens, TrustUse trustUse, UserTable users, ProjectTable projects,
    ProjectRoles projectRoles, Receipts receipts, Lockout lockout)
{
    public async Task<(string Text, TokenFacts Facts)> Run(Call call, JsonElement auth)
    {
        var identity = Fields.In(auth, "identity");
        var methods = Methods(identity);
        var scope = methods.Contains("application_credential") ? NoScope(auth) : await scopes.Find(new Fields(auth));
        var who = await proof.Of(call, identity, methods, scope);
        if (who.ApplicationCredential is { } credential) scope = new(ScopeKind.Project, credential.ProjectId);
        if (who.AccessToken is { } lent) scope = new(ScopeKind.Project, lent.ProjectId);
        scope ??= await DefaultScope(who.UserId);
        var trust = scope.Trust;
        if (trust is not null) await Accept(trust, who);
        var proved = who.Methods;
        who = who with { Methods = [.. proved.Union(await receipts.Methods(call, who.UserId))] };
        if (await users.Find(who.UserId) is { } user)
        {
            if (!Factors.AreMet(user, who.Methods.ToHashSet(StringComparer.Ordinal))) throw new MoreFactorsNeeded(user, who.Methods);
            // Not before: who knows the password may not guess codes for ever.
            if (proved.Any(m => m is "password" or "totp")) await lockout.Forgive(user);
        }
        var now = db.Now;
        var token = new Token
        {
            UserId = who.UserId, Methods = who.Methods, Scope = scope.Kind, ScopeId = scope.Id, IssuedAt = now,
            ExpiresAt = Token.Earliest(now + options.TokenLifetime, who.NotAfter, trust?.ExpiresAt, who.ApplicationCredential?.ExpiresAt, who.AccessToken?.ExpiresAt),
            AuditId = Token.NewAuditId(), ParentAuditId = who.ParentAuditId, ApplicationCredentialId = who.ApplicationCredential?.Id, AccessTokenId = who.AccessToken?.Id,
        };
        var issued = await tokens.Issue(token) ?? throw (trust is null ? Errors.Unauthorized() : Errors.Forbidden());
        call.Proves(issued.Facts);
        if (trust is not null) await trustUse.Count(trust);
        return issued;
    }

    private static List<string> Methods(Fields identity)
    {
        var methods = identity.List("methods").Select(m => m.GetString()!).Distinct().ToList();
        foreach (var method in methods)
            if (!identity.Has(method)) throw Errors.Missing(method, "identity");
        foreach (var method in methods)
            if (!Factors.Methods.Contains(method)) throw Errors.Unauthorized();
        return methods.Count == 0 ? throw Errors.Unauthorized() : methods;
    }

    private static Scope? NoScope(JsonElement auth) => auth.TryGetProperty("scope", out _) ? throw Errors.Unauthorized() : null;

    /// <summary>The user's default project, if it can be used; else no scope.</summary>
    private async Task<Scope> DefaultScope(string userId)
    {
        var user = await users.Find(userId) ?? throw Errors.Unauthorized();
        if (user.DefaultProjectId is not { } id || await projects.Find(id) is not { Enabled: true, DomainId: { } domainId } project) return Scope.None;
        if (await projects.Domain(domainId) is not { Enabled: true }) return Scope.None;
        return (await projectRoles.Of(userId, project)).Count > 0 ? new(ScopeKind.Project, id) : Scope.None;
    }

    private async Task Accept(TrustRow trust, Proof who)
    {
        // What was lent for one project makes no token of a trust.
        if (who.ApplicationCredential is not null || who.AccessToken is not null) throw Errors.Forbidden();
        await trustUse.Require(trust, who.UserId);
    }
}
