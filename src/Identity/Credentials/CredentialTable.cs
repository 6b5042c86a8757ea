using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Credentials;

/// <summary>A secret kept for a user: EC2 keys, one-time-code seeds, certificates. The blob is encrypted.</summary>
internal sealed record CredentialRow(string Id, string UserId, string? ProjectId, string Type, byte[] SealedBlob, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt);

internal sealed class CredentialTable(IdentityDb db)
{
    public Task<CredentialRow?> Find(string id) => db.One<CredentialRow>($"SELECT * FROM identity_credentials WHERE id = {id}");

    public Task<Page<CredentialRow>> List(ListSql list) => db.Page<CredentialRow>(list);

    public Task<List<CredentialRow>> OfUser(string user, string type) =>
        db.Query<CredentialRow>($"SELECT * FROM identity_credentials WHERE user_id = {user} AND type = {type} ORDER BY created_at, id");

    public Task Insert(CredentialRow c) => db.Execute($"""
        INSERT INTO identity_credentials (id, user_id, project_id, type, sealed_blob, extra, created_at)
        VALUES ({c.Id}, {c.UserId}, {c.ProjectId}, {c.Type}, {c.SealedBlob}, {Sql.Json(c.Extra)}, {c.CreatedAt})
        """);

    public Task Update(CredentialRow c) => db.Execute($"""
        UPDATE identity_credentials SET user_id = {c.UserId}, project_id = {c.ProjectId}, type = {c.Type}, sealed_blob = {c.SealedBlob}, extra = {Sql.Json(c.Extra)} WHERE id = {c.Id}
        """);

    public Task Delete(string id) => db.Execute($"DELETE FROM identity_credentials WHERE id = {id}");

    public Task DeleteOfUsers(IReadOnlyList<string> users) => db.Execute($"DELETE FROM identity_credentials WHERE user_id IN {users}");

    public Task DeleteOfProjects(IReadOnlyList<string> projects) => db.Execute($"DELETE FROM identity_credentials WHERE project_id IN {projects}");
}
