using System.Text.Json;
using Nephos.Identity.Shared;
using Nephos.Kernel.Data;

namespace Nephos.Identity.OAuth1;

/// <summary>A program that may ask users for leave to act for them.</summary>
internal sealed record ConsumerRow(string Id, string? Description, byte[] SealedSecret, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt);

internal sealed class ConsumerTable(IdentityDb db)
{
    public Task<ConsumerRow?> Find(string id) => db.One<ConsumerRow>($"SELECT * FROM identity_consumers WHERE id = {id}");
    public Task<Page<ConsumerRow>> List(ListSql list) => db.Page<ConsumerRow>(list);
    public Task Insert(ConsumerRow c) => db.Execute($"""
        INSERT INTO identity_consumers (id, description, sealed_secret, extra, created_at) VALUES ({c.Id}, {c.Description}, {c.SealedSecret}, {Sql.Json(c.Extra)}, {c.CreatedAt})
        """);
    public Task Update(ConsumerRow c) => db.Execute($"UPDATE identity_consumers SET description = {c.Description}, extra = {Sql.Json(c.Extra)} WHERE id = {c.Id}");
    public Task Delete(string id) => db.Execute($"DELETE FROM identity_consumers WHERE id = {id}");
}
