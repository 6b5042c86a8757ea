namespace Nephos.Identity.Credentials;

/// <summary>One-time codes that somebody has logged in with: each counts once (RFC 6238, 5.2), so that who looks over a shoulder gains nothing.</summary>
internal sealed class UsedCodeTable(IdentityDb db)
{
    /// <summary>False if it was taken before. Those before <paramref name="oldest"/> are out of time and forgotten.</summary>
    public Task<bool> Take(string credential, long counter, long oldest) => db.InTransaction(async () =>
    {
        await db.Execute($"DELETE FROM identity_used_codes WHERE credential_id = {credential} AND counter < {oldest}");
        return await db.Changed($"INSERT INTO identity_used_codes (credential_id, counter) VALUES ({credential}, {counter}) ON CONFLICT (credential_id, counter) DO NOTHING");
    });
}
