namespace Nephos.Identity.Assignments;

/// <summary>One line of the list of assignments: as given, or what follows from it through a group, a tree or a role.</summary>
/// <param name="Given">What was given.</param>
/// <param name="TargetKind">Where it holds.</param>
/// <param name="TargetId">Where it holds.</param>
/// <param name="UserId">The user, or null for a group's own line.</param>
/// <param name="RoleId">The role it amounts to.</param>
internal sealed record AssignmentEntry(AssignmentRow Given, string TargetKind, string TargetId, string? UserId, string RoleId)
{
    public static AssignmentEntry AsGiven(AssignmentRow row) => new(row, row.TargetKind, row.TargetId, row.ActorKind == "user" ? row.ActorId : null, row.RoleId);

    /// <summary>True if it came down a tree.</summary>
    public bool IsInherited => Given.Inherited;
}
