using Nephos.Kernel.Data;

namespace Nephos.Identity.Shared;

/// <summary>Every sealed value of identity, wherever it is, for the day the state key changes.</summary>
internal sealed class SealedTable(IdentityDb db)
{
    private const int Batch = 200;

    /// <summary>Where they are, and what names one.</summary>
    public static readonly (string Table, string Column, string Key)[] Columns =
    [
        ("identity_token_keys", "sealed", "id"),
        ("identity_credentials", "sealed_blob", "id"),
        ("identity_domain_options", "sealed_value", "domain_id || ' ' || option_group || ' ' || name"),
        ("identity_consumers", "sealed_secret", "id"),
        ("identity_request_tokens", "sealed_secret", "id"),
        ("identity_access_tokens", "sealed_secret", "id"),
    ];

    /// <summary>Replaces each value for which there is another. How many.</summary>
    public async Task<int> Replace(Func<byte[], byte[]?> other)
    {
        var count = 0;
        foreach (var (table, column, key) in Columns.Select(c => (Sql.Raw(c.Table), Sql.Raw(c.Column), Sql.Raw(c.Key))))
        {
            var values = await db.Query<(string Key, byte[] Value)>($"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL");
            foreach (var batch in values.Chunk(Batch))
                await db.InTransaction(async () =>
                {
                    foreach (var (id, value) in batch)
                        // One that changed meanwhile was sealed anew by whoever changed it.
                        if (other(value) is { } changed && await db.Changed($"UPDATE {table} SET {column} = {changed} WHERE {key} = {id} AND {column} = {value}")) count++;
                    return count;
                });
        }
        return count;
    }
}
