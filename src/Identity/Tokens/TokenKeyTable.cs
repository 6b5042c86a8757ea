namespace Nephos.Identity.Tokens;

/// <summary>A key of tokens, encrypted with the state key.</summary>
internal sealed record TokenKeyRow(string Id, byte[] Sealed, DateTimeOffset CreatedAt);

internal sealed class TokenKeyTable(IdentityDb db)
{
    /// <summary>Newest first.</summary>
    public Task<List<TokenKeyRow>> All() => db.Query<TokenKeyRow>($"SELECT * FROM identity_token_keys ORDER BY created_at DESC, id");

    public Task Insert(TokenKeyRow key) => db.Execute($"INSERT INTO identity_token_keys (id, sealed, created_at) VALUES ({key.Id}, {key.Sealed}, {key.CreatedAt})");

    public Task Delete(IReadOnlyList<string> ids) => db.Execute($"DELETE FROM identity_token_keys WHERE id IN {ids}");
}
