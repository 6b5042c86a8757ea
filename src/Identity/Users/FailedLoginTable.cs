namespace Nephos.Identity.Users;

internal sealed record FailedLoginRow(string UserId, long Attempts, DateTimeOffset LastAt);

internal sealed class FailedLoginTable(IdentityDb db)
{
    public Task<FailedLoginRow?> Find(string user) => db.One<FailedLoginRow>($"SELECT * FROM identity_failed_logins WHERE user_id = {user}");

    public Task Add(string user) => db.Execute($"""
        INSERT INTO identity_failed_logins (user_id, attempts, last_at) VALUES ({user}, {1L}, {db.Now})
        ON CONFLICT (user_id) DO UPDATE SET attempts = identity_failed_logins.attempts + 1, last_at = {db.Now}
        """);

    public Task Forget(string user) => db.Execute($"DELETE FROM identity_failed_logins WHERE user_id = {user}");
}
