using Nephos.Kernel.Data;

namespace Nephos.Identity.OAuth1;

/// <summary>A consumer's question; once a user agreed it has a user, a verifier and roles.</summary>
internal sealed record RequestTokenRow(string Id, string ConsumerId, string ProjectId, byte[] SealedSecret, DateTimeOffset? ExpiresAt, string? UserId, string? Verifier, [Json] List<string> RoleIds);

/// <summary>A user's leave for a consumer to act with some roles on a project.</summary>
internal sealed record AccessTokenRow(string Id, string ConsumerId, string ProjectId, string UserId, byte[] SealedSecret, DateTimeOffset? ExpiresAt, [Json] List<string> RoleIds, DateTimeOffset CreatedAt);

internal sealed class OAuthTokenTable(IdentityDb db)
{
    public Task<RequestTokenRow?> Request(string id) => db.One<RequestTokenRow>($"SELECT * FROM identity_request_tokens WHERE id = {id}");

    /// <summary>Adds one, and forgets those that nobody answered in time.</summary>
    public async Task Insert(RequestTokenRow t)
    {
        await db.Execute($"DELETE FROM identity_request_tokens WHERE expires_at < {db.Now}");
        await db.Execute($"""
            INSERT INTO identity_request_tokens (id, consumer_id, project_id, sealed_secret, expires_at, user_id, verifier, role_ids)
            VALUES ({t.Id}, {t.ConsumerId}, {t.ProjectId}, {t.SealedSecret}, {t.ExpiresAt}, {t.UserId}, {t.Verifier}, {Sql.Json(t.RoleIds)})
            """);
    }

    public Task Authorize(string id, string user, string verifier, List<string> roles) =>
        db.Execute($"UPDATE identity_request_tokens SET user_id = {user}, verifier = {verifier}, role_ids = {Sql.Json(roles)} WHERE id = {id}");

    /// <summary>Takes a request token away; false if somebody else did.</summary>
    public Task<bool> TakeRequest(string id) => db.Changed($"DELETE FROM identity_request_tokens WHERE id = {id}");

    public Task<AccessTokenRow?> Access(string id) => db.One<AccessTokenRow>($"SELECT * FROM identity_access_tokens WHERE id = {id}");

    public Task<Page<AccessTokenRow>> List(ListSql list) => db.Page<AccessTokenRow>(list);

    public Task Insert(AccessTokenRow t) => db.Execute($"""
        INSERT INTO identity_access_tokens (id, consumer_id, project_id, user_id, sealed_secret, expires_at, role_ids, created_at)
        VALUES ({t.Id}, {t.ConsumerId}, {t.ProjectId}, {t.UserId}, {t.SealedSecret}, {t.ExpiresAt}, {Sql.Json(t.RoleIds)}, {t.CreatedAt})
        """);

    public Task DeleteAccess(string id) => db.Execute($"DELETE FROM identity_access_tokens WHERE id = {id}");

    /// <summary>Remembers a signed request; false if it came before.</summary>
    public async Task<bool> FirstTime(string consumer, long signedAt, string nonce, long forgetBefore)
    {
        await db.Execute($"DELETE FROM identity_oauth_nonces WHERE signed_at < {forgetBefore}");
        return await db.Changed($"INSERT INTO identity_oauth_nonces (consumer_id, signed_at, nonce) VALUES ({consumer}, {signedAt}, {nonce}) ON CONFLICT DO NOTHING");
    }
}
