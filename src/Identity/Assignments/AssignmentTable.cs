using Nephos.Kernel.Data;

namespace Nephos.Identity.Assignments;

/// <summary>A role given to a user or group on a project, a domain or the system; inherited ones hold for the projects below instead.</summary>
internal sealed record AssignmentRow(string TargetKind, string TargetId, string ActorKind, string ActorId, string RoleId, bool Inherited);

internal sealed class AssignmentTable(IdentityDb db)
{
    public const string System = "system";

    /// <summary>Everything given to a user, directly or through groups.</summary>
    public Task<List<AssignmentRow>> OfUser(string user) => db.Query<AssignmentRow>($"""
        SELECT * FROM identity_assignments WHERE actor_kind = 'user' AND actor_id = {user}
        UNION ALL
        SELECT a.* FROM identity_assignments a JOIN identity_memberships m ON m.group_id = a.actor_id WHERE a.actor_kind = 'group' AND m.user_id = {user}
        """);

    public Task<List<AssignmentRow>> Where(IEnumerable<SqlText> conditions) =>
        db.Query<AssignmentRow>($"SELECT * FROM identity_assignments WHERE {Sql.All(conditions)} ORDER BY target_kind, target_id, actor_kind, actor_id, role_id, inherited");

    public Task<bool> Exists(AssignmentRow a) => db.Scalar<bool>($"""
        SELECT COUNT(*) > 0 FROM identity_assignments WHERE actor_id = {a.ActorId} AND target_id = {a.TargetId} AND target_kind = {a.TargetKind}
          AND actor_kind = {a.ActorKind} AND role_id = {a.RoleId} AND inherited = {a.Inherited}
        """);

    public Task Add(AssignmentRow a) => db.Execute($"""
        INSERT INTO identity_assignments (target_kind, target_id, actor_kind, actor_id, role_id, inherited)
        VALUES ({a.TargetKind}, {a.TargetId}, {a.ActorKind}, {a.ActorId}, {a.RoleId}, {a.Inherited}) ON CONFLICT DO NOTHING
        """);

    public Task<bool> Remove(AssignmentRow a) => db.Changed($"""
        DELETE FROM identity_assignments WHERE actor_id = {a.ActorId} AND target_id = {a.TargetId} AND target_kind = {a.TargetKind}
          AND actor_kind = {a.ActorKind} AND role_id = {a.RoleId} AND inherited = {a.Inherited}
        """);

    public Task RemoveActors(string kind, IReadOnlyList<string> ids) => db.Execute($"DELETE FROM identity_assignments WHERE actor_kind = {kind} AND actor_id IN {ids}");

    public Task RemoveTargets(IReadOnlyList<string> ids) => db.Execute($"DELETE FROM identity_assignments WHERE target_id IN {ids}");
}
