using Nephos.Identity.Roles;

namespace Nephos.Identity.Assignments;

/// <summary>Which roles a user has somewhere, from what was given: pure rules, no I/O.</summary>
internal static class EffectiveRoles
{
    /// <summary>On a project: given on it, or inherited from a project above it or its domain.</summary>
    /// <param name="given">Everything given to the user.</param>
    /// <param name="project">The project.</param>
    /// <param name="above">Its parents up to and including the domain.</param>
    /// <param name="graph">Roles of the epoch.</param>
    public static IReadOnlyList<RoleRow> OnProject(IEnumerable<AssignmentRow> given, string project, IReadOnlyCollection<string> above, RoleGraph graph) =>
        Effective(given.Where(a => a.TargetKind != AssignmentTable.System && (a.Inherited ? above.Contains(a.TargetId) : a.TargetKind == "project" && a.TargetId == project)), graph);

    /// <summary>On a domain itself.</summary>
    public static IReadOnlyList<RoleRow> OnDomain(IEnumerable<AssignmentRow> given, string domain, RoleGraph graph) =>
        Effective(given.Where(a => a is { TargetKind: "domain", Inherited: false } && a.TargetId == domain), graph);

    /// <summary>On the system.</summary>
    public static IReadOnlyList<RoleRow> OnSystem(IEnumerable<AssignmentRow> given, RoleGraph graph) =>
        Effective(given.Where(a => a.TargetKind == AssignmentTable.System), graph);

    // Domain roles count by what they imply.
    private static List<RoleRow> Effective(IEnumerable<AssignmentRow> given, RoleGraph graph) =>
        [.. graph.Expand(given.Select(a => a.RoleId)).Where(r => r.DomainId is null)];
}
