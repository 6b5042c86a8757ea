using Nephos.Kernel.Data;

namespace Nephos.Identity.Trusts;

/// <summary>A trustor's leave for a trustee to act with some of the trustor's roles on a project. Kept when deleted: tokens name it.</summary>
internal sealed record TrustRow(string Id, string TrustorUserId, string TrusteeUserId, string? ProjectId, bool Impersonation, DateTimeOffset? ExpiresAt, DateTimeOffset? DeletedAt,
    long? RemainingUses, string? RedelegatedTrustId, long RedelegationCount, DateTimeOffset CreatedAt);

internal sealed class TrustTable(IdentityDb db)
{
    /// <summary>A trust that is neither deleted nor used up nor expired.</summary>
    public Task<TrustRow?> Find(string id) => db.One<TrustRow>($"""
        SELECT * FROM identity_trusts WHERE id = {id} AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > {db.Now}) AND (remaining_uses IS NULL OR remaining_uses > 0)
        """);

    /// <summary>A trust that is not deleted; tokens made from it live on when it is used up.</summary>
    public Task<TrustRow?> Standing(string id) => db.One<TrustRow>($"""
        SELECT * FROM identity_trusts WHERE id = {id} AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > {db.Now})
        """);

    public Task<List<TrustRow>> List(IEnumerable<SqlText> conditions) => db.Query<TrustRow>($"""
        SELECT * FROM identity_trusts WHERE deleted_at IS NULL AND (expires_at IS NULL OR expires_at > {db.Now}) AND {Sql.All(conditions)} ORDER BY created_at, id
        """);

    public Task<List<string>> Roles(string trust) => db.Query<string>($"SELECT role_id FROM identity_trust_roles WHERE trust_id = {trust} ORDER BY role_id");

    public async Task Insert(TrustRow t, IEnumerable<string> roles)
    {
        await db.Execute($"""
            INSERT INTO identity_trusts (id, trustor_user_id, trustee_user_id, project_id, impersonation, expires_at, remaining_uses, redelegated_trust_id, redelegation_count, extra, created_at)
            VALUES ({t.Id}, {t.TrustorUserId}, {t.TrusteeUserId}, {t.ProjectId}, {t.Impersonation}, {t.ExpiresAt}, {t.RemainingUses}, {t.RedelegatedTrustId}, {t.RedelegationCount}, {"{}"}, {t.CreatedAt})
            """);
        foreach (var role in roles) await db.Execute($"INSERT INTO identity_trust_roles (trust_id, role_id) VALUES ({t.Id}, {role})");
    }

    /// <summary>Takes one use; false when none is left.</summary>
    public Task<bool> Use(string id) => db.Changed($"""
        UPDATE identity_trusts SET remaining_uses = remaining_uses - 1 WHERE id = {id} AND deleted_at IS NULL AND (remaining_uses IS NULL OR remaining_uses > 0)
        """);

    public Task Delete(string id) => DeleteWhere($"id = {id}");

    public Task DeleteOfUsers(IReadOnlyList<string> users) => DeleteWhere($"trustor_user_id IN {users} OR trustee_user_id IN {users}");

    public Task DeleteOfProjects(IReadOnlyList<string> projects) => DeleteWhere($"project_id IN {projects}");

    // With a trust go those handed on from it.
    private Task DeleteWhere(SqlText condition) => db.Execute($"""
        UPDATE identity_trusts SET deleted_at = {db.Now} WHERE deleted_at IS NULL AND id IN (
          WITH RECURSIVE down (id) AS (
            SELECT id FROM identity_trusts WHERE {condition} UNION SELECT t.id FROM identity_trusts t JOIN down d ON t.redelegated_trust_id = d.id
          ) SELECT id FROM down)
        """);
}
