using Nephos.Identity.Groups;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Assignments;

/// <summary>What is asked of the list of assignments.</summary>
internal sealed record AssignmentQuery(string? Role, string? User, string? Group, string? Project, string? Domain, bool System, bool? Inherited, bool Effective, bool Subtree);

/// <summary>
/// Finds assignments. Effective ones are what somebody has in the end: groups become their members, inherited ones the projects they
/// reach, roles also what they imply.
/// </summary>
internal sealed class AssignmentSearch(AssignmentTable assignments, ProjectTable projects, GroupTable groups, EpochCache cache)
{
    public async Task<List<AssignmentEntry>> Find(AssignmentQuery query)
    {
        var targets = query.Project is null ? null : await Targets(query);
        return query.Effective ? await Effective(query, targets) : await Given(query, targets);
    }

    private async Task<IReadOnlyList<string>> Targets(AssignmentQuery query) => query.Subtree
        ? [query.Project!, .. (await projects.Below(query.Project!)).Select(p => p.Id)] : [query.Project!];

    private async Task<List<AssignmentEntry>> Given(AssignmentQuery query, IReadOnlyList<string>? targets)
    {
        var conditions = new List<SqlText>();
        if (query.Role is { } role) conditions.Add($"role_id = {role}");
        if (query.User is { } user) conditions.Add($"actor_kind = 'user' AND actor_id = {user}");
        if (query.Group is { } group) conditions.Add($"actor_kind = 'group' AND actor_id = {group}");
        if (targets is not null) conditions.Add($"target_kind = 'project' AND target_id IN {targets}");
        if (query.Domain is { } domain) conditions.Add($"target_kind = 'domain' AND target_id = {domain}");
        if (query.System) conditions.Add($"target_kind = {AssignmentTable.System}");
        if (query.Inherited is { } inherited) conditions.Add($"inherited = {inherited}");
        return [.. (await assignments.Where(conditions)).Select(AssignmentEntry.AsGiven)];
    }

    private async Task<List<AssignmentEntry>> Effective(AssignmentQuery query, IReadOnlyList<string>? targets)
    {
        // Which of the projects asked for inherit from what.
        var heirs = targets is null ? null : Heirs(await projects.AboveEach(targets));
        var conditions = new List<SqlText>();
        if (query.User is { } user)
            conditions.Add($"(actor_kind = 'user' AND actor_id = {user} OR actor_kind = 'group' AND actor_id IN {await groups.GroupsOf(user)})");
        if (targets is not null)
            conditions.Add($"(inherited = FALSE AND target_kind = 'project' AND target_id IN {targets} OR inherited = TRUE AND target_id IN {heirs!.Select(h => h.Key).ToList()})");
        if (query.Domain is { } domain) conditions.Add($"target_kind = 'domain' AND target_id = {domain} AND inherited = FALSE");
        if (query.System) conditions.Add($"target_kind = {AssignmentTable.System}");
        if (query.Inherited is { } inherited) conditions.Add($"inherited = {inherited}");
        var given = await assignments.Where(conditions);

        heirs ??= Heirs(await projects.BelowEach([.. given.Where(a => a.Inherited).Select(a => a.TargetId).Distinct()]));
        var placed = given.SelectMany(row => Places(row, heirs)).ToList();
        var graph = await (await cache.Now()).Roles;
        var found = (await Members(placed, query.User)).SelectMany(e => Roles(e, graph)).Distinct();
        return [.. query.Role is { } role ? found.Where(e => e.RoleId == role) : found];
    }

    private static ILookup<string, string> Heirs(List<(string Project, string Above)> pairs) => pairs.ToLookup(p => p.Above, p => p.Project, StringComparer.Ordinal);

    /// <summary>Where a given role holds: itself, or for an inherited one the projects under it (of those asked for).</summary>
    private static IEnumerable<AssignmentEntry> Places(AssignmentRow row, ILookup<string, string> heirs)
    {
        var given = AssignmentEntry.AsGiven(row);
        return row.Inherited ? heirs[row.TargetId].Select(project => given with { TargetKind = "project", TargetId = project }) : [given];
    }

    private async Task<List<AssignmentEntry>> Members(List<AssignmentEntry> entries, string? only)
    {
        var members = (await groups.Members([.. entries.Where(e => e.UserId is null).Select(e => e.Given.ActorId).Distinct()])).ToLookup(m => m.Group, m => m.User, StringComparer.Ordinal);
        return [.. entries.SelectMany(e => e.UserId is not null ? [e] : members[e.Given.ActorId].Where(u => only is null || u == only).Select(u => e with { UserId = u }))];
    }

    private static IEnumerable<AssignmentEntry> Roles(AssignmentEntry entry, RoleGraph graph) =>
        graph.Expand([entry.Given.RoleId]).Where(r => r.DomainId is null).Select(r => entry with { RoleId = r.Id });
}
