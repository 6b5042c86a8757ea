using Nephos.Kernel.Data;

namespace Nephos.Compute.KeyPairs;

internal sealed record KeyPair(long Id, string UserId, string Name, string Type, string Fingerprint, string PublicKey, DateTimeOffset CreatedAt);

/// <summary>Where the SQL of key pairs lives. They belong to users, not to projects.</summary>
internal sealed class KeyPairTable(ComputeDb db)
{
    public Task<KeyPair?> Find(string user, string name) => db.One<KeyPair>($"SELECT * FROM compute_keypairs WHERE user_id = {user} AND name = {name}");

    public Task<Page<KeyPair>> List(string user, Paging page) => db.Page<KeyPair>(
        new ListSql("compute_keypairs", "name") { Limit = page.Limit, Marker = page.Marker, MarkerMissing = Errors.MarkerNotFound }.Scope($"user_id = {user}"));

    /// <summary>Adds one within the user's limit.</summary>
    public async Task<KeyPair> Insert(KeyPair pair, int limit)
    {
        try
        {
            return await db.InTransaction(async () =>
            {
                if (await db.Scalar<long>($"SELECT COUNT(*) FROM compute_keypairs WHERE user_id = {pair.UserId}") >= limit) throw Errors.TooManyKeyPairs();
                var row = pair with { CreatedAt = db.Now, Id = await db.Counters.Next("keypair") };
                await db.Execute($"""
                    INSERT INTO compute_keypairs (id, user_id, name, type, fingerprint, public_key, created_at)
                    VALUES ({row.Id}, {row.UserId}, {row.Name}, {row.Type}, {row.Fingerprint}, {row.PublicKey}, {row.CreatedAt})
                    """);
                return row;
            });
        }
        catch (DuplicateKey) { throw Errors.KeyPairExists(pair.Name); }
    }

    public Task<bool> Delete(string user, string name) => db.Changed($"DELETE FROM compute_keypairs WHERE user_id = {user} AND name = {name}");
}
