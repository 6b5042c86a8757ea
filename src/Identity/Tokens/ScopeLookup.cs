using System.Text.Json;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Identity.Trusts;

namespace Nephos.Identity.Tokens;

/// <summary>What a token shall be for.</summary>
internal sealed record Scope(ScopeKind Kind, string? Id = null, TrustRow? Trust = null)
{
    public static Scope None { get; } = new(ScopeKind.None);
}

/// <summary>Reads the scope of a request for a token. What does not exist or is disabled is 401, so that nobody can look around.</summary>
internal sealed class ScopeLookup(ProjectTable projects, TrustTable trusts)
{
    private static readonly string[] Kinds = ["project", "domain", "unscoped", "system", "OS-TRUST:trust"];

    /// <summary>Null if the request says nothing.</summary>
    public async Task<Scope?> Find(Fields auth)
    {
        if (auth.Element("scope") is not { } given) return null;
        if (given.ValueKind == JsonValueKind.String)
            return given.ValueEquals("unscoped") ? Scope.None : throw BadScope();
        var scope = new Fields(given);
        if (Kinds.Count(scope.Has) != 1) throw BadScope();
        if (scope.Has("unscoped")) return Scope.None;
        if (scope.Has("system")) return new(ScopeKind.System, "all");
        if (scope.Has("project")) return new(ScopeKind.Project, (await Project(scope.Inner("project"))).Id);
        if (scope.Has("domain")) return new(ScopeKind.Domain, (await Domain(scope.Inner("domain"), "scope/domain")).Id);
        var id = scope.Inner("OS-TRUST:trust").Text("id") ?? throw Errors.Missing("trust_id", "trust");
        var trust = await trusts.Find(id) ?? throw Errors.Unauthorized();
        return new(ScopeKind.Trust, trust.Id, trust);
    }

    /// <summary>A domain by id or name.</summary>
    public async Task<ProjectRow> Domain(Fields domain, string field)
    {
        if (!domain.Has("id") && !domain.Has("name")) throw Errors.Invalid($"Invalid input for field {field}: id or name must be present.");
        var row = domain.Text("name") is { } name ? await projects.DomainByName(name) : await projects.Domain(domain.Text("id") ?? "");
        return row is { Enabled: true } ? row : throw Errors.Unauthorized();
    }

    private async Task<ProjectRow> Project(Fields project)
    {
        if (!project.Has("id") && !project.Has("name")) throw Errors.Invalid("Invalid input for field scope/project: id or name must be present.");
        if (project.Text("name") is { } name)
        {
            if (!project.Has("domain")) throw Errors.Missing("domain", "project");
            var domain = await Domain(project.Inner("domain"), "scope/project/domain");
            return await projects.ByName(domain.Id, name) is { Enabled: true } row ? row : throw Errors.Unauthorized();
        }
        if (await projects.Find(project.Text("id") ?? "") is not { Enabled: true, DomainId: { } owner } found) throw Errors.Unauthorized();
        return await projects.Domain(owner) is { Enabled: true } ? found : throw Errors.Unauthorized();
    }

    private static Contracts.Fault BadScope() => Errors.Missing("system, project, domain, OS-TRUST:trust or unscoped", "scope");
}
