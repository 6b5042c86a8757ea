using Nephos.Contracts;

namespace Nephos.Identity.Users;

internal sealed class OldPasswordTable(IdentityDb db)
{
    /// <summary>Hashes of the newest few, newest first.</summary>
    public Task<List<string>> Newest(string user, int count) =>
        db.Query<string>($"SELECT password_hash FROM identity_old_passwords WHERE user_id = {user} ORDER BY replaced_at DESC, id DESC LIMIT {count}");

    /// <summary>Adds one and forgets all but the newest few.</summary>
    public async Task Add(string user, string hash, int keep)
    {
        await db.Execute($"INSERT INTO identity_old_passwords (id, user_id, password_hash, replaced_at) VALUES ({NewId.Ordered()}, {user}, {hash}, {db.Now})");
        await db.Execute($"""
            DELETE FROM identity_old_passwords WHERE user_id = {user} AND id NOT IN (
              SELECT id FROM identity_old_passwords WHERE user_id = {user} ORDER BY replaced_at DESC, id DESC LIMIT {keep})
            """);
    }
}
