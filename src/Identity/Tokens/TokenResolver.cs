using Nephos.Contracts;
using Nephos.Identity.ApplicationCredentials;
using Nephos.Identity.Assignments;
using Nephos.Identity.EndpointFilters;
using Nephos.Identity.OAuth1;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Trusts;
using Nephos.Identity.Users;

namespace Nephos.Identity.Tokens;

/// <summary>
/// Finds out what a token means now: who it is, what it may, or that it means nothing any more (null): someone in it is gone or
/// disabled, it was revoked, or no role is left in its scope.
/// </summary>
internal sealed class TokenResolver(UserTable users, ProjectTable projects, AssignmentTable assignments, RevocationTable revocations, TrustTable trusts, ApplicationCredentialTable credentials, OAuthTokenTable oauth, EndpointFilter endpoints, Redelegation redelegation)
{
    public async Task<TokenFacts?> Resolve(Token token, EpochView view)
    {
        var trust = token.Scope == ScopeKind.Trust ? await trusts.Standing(token.ScopeId!) : null;
        if (token.Scope == ScopeKind.Trust && (trust is null || trust.TrusteeUserId != token.UserId)) return null;
        var user = await Person(token.UserId);
        if (user is null) return null;
        // With a trust there are up to three: who uses it, who gave it, and whose roles it lends. All must be in order.
        var owner = trust is null ? user : await Person(trust.TrustorUserId);
        var lender = trust?.RedelegatedTrustId is null ? owner : await redelegation.Lender(trust) is { } first ? await Person(first) : null;
        if (owner is null || lender is null) return null;
        var projectId = trust?.ProjectId ?? (token.Scope == ScopeKind.Project ? token.ScopeId : null);
        var domainId = token.Scope == ScopeKind.Domain ? token.ScopeId : null;
        var facts = new TokenFacts
        {
            Token = token, Caller = null!, Catalog = await endpoints.For(projectId, await view.Catalog),
            User = new(user.Id, user.Name), UserDomain = new(user.DomainId, user.DomainName), PasswordExpiresAt = user.PasswordExpiresAt,
        };
        if (trust is not null)
        {
            var shown = trust.Impersonation ? owner : user;
            facts = facts with
            {
                Trust = new(trust.Id, trust.TrustorUserId, trust.TrusteeUserId, trust.Impersonation),
                User = new(shown.Id, shown.Name),
                UserDomain = new(shown.DomainId, shown.DomainName),
            };
        }
        facts = await InScope(facts, lender.Id, projectId, domainId, await view.Roles);
        if (facts is null || await revocations.IsRevoked(Subjects(facts, [user, owner, lender]), token.IssuedAt)) return null;
        if (token.ApplicationCredentialId is { } credential) facts = await Narrow(facts, credential);
        if (facts is not null && token.AccessTokenId is { } lent) facts = await Narrow(facts, lent, await view.Roles);
        if (facts is not null && trust is not null) facts = await Narrow(facts, trust, await view.Roles);
        if (facts is null || facts.IsScoped && facts.Roles.Count == 0 && token.Scope != ScopeKind.Trust) return null;
        return facts with { Caller = CallerOf(facts) };
    }

    private async Task<UserFactsRow?> Person(string id) => await users.Facts(id) is { Enabled: true, DomainEnabled: true } user ? user : null;

    private static List<string> Subjects(TokenFacts facts, UserFactsRow[] people)
    {
        var token = facts.Token;
        List<string> subjects = ["audit:" + token.AuditId, "chain:" + (token.ParentAuditId ?? token.AuditId)];
        foreach (var person in people) subjects.AddRange(["user:" + person.Id, "domain:" + person.DomainId]);
        if (facts.Project is { } project) subjects.Add("project:" + project.Id);
        foreach (var domain in (Named?[])[facts.Domain, facts.ProjectDomain]) if (domain is not null) subjects.Add("domain:" + domain.Id);
        return [.. subjects.Distinct()];
    }

    private async Task<TokenFacts?> InScope(TokenFacts facts, string owner, string? projectId, string? domainId, RoleGraph graph)
    {
        if (facts.Token.Scope is ScopeKind.None || facts.Token.Scope is ScopeKind.Trust && projectId is null) return facts;
        var given = await assignments.OfUser(owner);
        if (projectId is not null)
        {
            if (await projects.Find(projectId) is not { Enabled: true } project) return null;
            var domain = project.DomainId is { } own ? await projects.Domain(own) : null;
            if (project.DomainId is not null && domain is not { Enabled: true }) return null;
            var roles = EffectiveRoles.OnProject(given, projectId, [.. await projects.Above(project)], graph);
            return facts with
            {
                Project = new(project.Id, project.Name),
                ProjectDomain = domain is null ? null : new(domain.Id, domain.Name),
                IsDomainProject = project.IsDomain,
                Roles = Short(roles),
            };
        }
        if (domainId is not null)
            return await projects.Domain(domainId) is { Enabled: true } domain
                ? facts with { Domain = new(domain.Id, domain.Name), Roles = Short(EffectiveRoles.OnDomain(given, domainId, graph)) } : null;
        return facts with { IsSystem = true, Roles = Short(EffectiveRoles.OnSystem(given, graph)) };
    }

    /// <summary>An application credential has only its own roles, as far as its user still has them.</summary>
    private async Task<TokenFacts?> Narrow(TokenFacts facts, string id)
    {
        if (await credentials.Find(id) is not { } credential || credential.UserId != facts.User.Id || credential.ProjectId != facts.Project?.Id) return null;
        if (credential.ExpiresAt <= facts.Token.IssuedAt) return null;
        var roles = (await credentials.Roles([id])).Select(r => r.Role).ToHashSet(StringComparer.Ordinal);
        var rules = credential.RestrictedPaths ? await credentials.RulesOf(id) : null;
        return facts with
        {
            Roles = [.. facts.Roles.Where(r => roles.Contains(r.Id))],
            ApplicationCredential = new(credential.Id, credential.Name, credential.Unrestricted, rules),
        };
    }

    /// <summary>An OAuth access token gives its roles and what they imply, as far as its user still has them.</summary>
    private async Task<TokenFacts?> Narrow(TokenFacts facts, string id, RoleGraph graph)
    {
        if (await oauth.Access(id) is not { } lent || lent.UserId != facts.User.Id || lent.ProjectId != facts.Project?.Id) return null;
        var given = graph.Expand(lent.RoleIds).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        return facts with { Roles = [.. facts.Roles.Where(r => given.Contains(r.Id))], AccessToken = new(lent.Id, lent.ConsumerId) };
    }

    /// <summary>A trust gives its roles and what they imply, all of which the trustor must still have.</summary>
    private async Task<TokenFacts?> Narrow(TokenFacts facts, TrustRow trust, RoleGraph graph)
    {
        var given = await trusts.Roles(trust.Id);
        if (trust.ProjectId is null) return given.Count == 0 ? facts : null;
        var have = facts.Roles.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        if (given.Count == 0 || !given.TrueForAll(have.Contains)) return null;
        return facts with { Roles = Short([.. graph.Expand(given).Where(r => r.DomainId is null)]) };
    }

    private static Named[] Short(IReadOnlyList<RoleRow> roles) => [.. roles.Select(r => new Named(r.Id, r.Name))];

    private static Caller CallerOf(TokenFacts facts) => new()
    {
        UserId = facts.User.Id, UserName = facts.User.Name, UserDomainId = facts.UserDomain.Id,
        ProjectId = facts.Project?.Id, ProjectName = facts.Project?.Name, ProjectDomainId = facts.ProjectDomain?.Id,
        DomainId = facts.Domain?.Id, IsSystem = facts.IsSystem,
        Roles = [.. facts.Roles.Select(r => r.Name)], ExpiresAt = facts.Token.ExpiresAt, AuditId = facts.Token.AuditId,
        Trust = facts.Trust is { } trust ? new(trust.Id, trust.TrustorId, trust.TrusteeId) : null, ApplicationCredentialId = facts.ApplicationCredential?.Id,
        AccessRules = facts.ApplicationCredential?.AccessRules is { } rules ? [.. rules.Select(r => new AccessRule(r.Service, r.Method, r.Path))] : null,
    };
}
