using Nephos.Contracts;

namespace Nephos.Identity.Tokens;

internal sealed record RevocationRow(string Id, string Subject, DateTimeOffset IssuedBefore, DateTimeOffset RevokedAt);

/// <summary>
/// Revocations: tokens of a subject (<c>audit:</c>, <c>chain:</c>, <c>user:</c>, <c>project:</c>, <c>domain:</c>) that were issued up to a time.
/// A row is forgotten when every token it could be about has ended.
/// </summary>
internal sealed class RevocationTable(IdentityDb db, IdentityOptions options)
{
    public async Task Revoke(string subject)
    {
        var now = db.Now;
        await db.Execute($"""
            INSERT INTO identity_revocations (id, subject, issued_before, revoked_at, forget_at)
            VALUES ({NewId.Ordered()}, {subject}, {now}, {now}, {now + options.TokenLifetime + options.ExpiredWindow})
            """);
        await db.Execute($"DELETE FROM identity_revocations WHERE forget_at < {now}");
    }

    public Task<bool> IsRevoked(IReadOnlyList<string> subjects, DateTimeOffset issued) =>
        db.Scalar<bool>($"SELECT COUNT(*) > 0 FROM identity_revocations WHERE subject IN {subjects} AND issued_before >= {issued}");

    public Task<List<RevocationRow>> Since(DateTimeOffset? since) => since is { } from
        ? db.Query<RevocationRow>($"SELECT * FROM identity_revocations WHERE revoked_at >= {from} ORDER BY revoked_at, id")
        : db.Query<RevocationRow>($"SELECT * FROM identity_revocations ORDER BY revoked_at, id");
}
