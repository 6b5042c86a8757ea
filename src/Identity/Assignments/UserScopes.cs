using Nephos.Identity.Projects;

namespace Nephos.Identity.Assignments;

/// <summary>Where a user has any role.</summary>
internal sealed class UserScopes(AssignmentTable assignments, ProjectTable projects)
{
    /// <summary>Ids of projects, by roles on them, above them or on their domain.</summary>
    public async Task<IReadOnlyList<string>> Projects(string user)
    {
        var given = await assignments.OfUser(user);
        var direct = given.Where(a => a is { TargetKind: "project", Inherited: false }).Select(a => a.TargetId).ToHashSet(StringComparer.Ordinal);
        var above = given.Where(a => a.Inherited).Select(a => a.TargetId).Distinct().ToList();
        if (above.Count == 0) return [.. direct];
        direct.UnionWith((await projects.BelowEach(above)).Select(p => p.Project));
        return [.. direct];
    }

    /// <summary>Ids of domains, by roles on the domains themselves.</summary>
    public async Task<IReadOnlyList<string>> Domains(string user) =>
        [.. (await assignments.OfUser(user)).Where(a => a is { TargetKind: "domain", Inherited: false }).Select(a => a.TargetId).Distinct()];

    public async Task<bool> System(string user) => (await assignments.OfUser(user)).Exists(a => a.TargetKind == AssignmentTable.System);
}
