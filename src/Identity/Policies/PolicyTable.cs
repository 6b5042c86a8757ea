using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Policies;

internal sealed record PolicyRow(string Id, string Type, string Blob, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt);

internal sealed class PolicyTable(IdentityDb db)
{
    public Task<PolicyRow?> Find(string id) => db.One<PolicyRow>($"SELECT * FROM identity_policies WHERE id = {id}");
    public Task<Page<PolicyRow>> List(ListSql list) => db.Page<PolicyRow>(list);
    public Task Insert(PolicyRow p) => db.Execute($"INSERT INTO identity_policies (id, type, blob, extra, created_at) VALUES ({p.Id}, {p.Type}, {p.Blob}, {Sql.Json(p.Extra)}, {p.CreatedAt})");
    public Task Update(PolicyRow p) => db.Execute($"UPDATE identity_policies SET type = {p.Type}, blob = {p.Blob}, extra = {Sql.Json(p.Extra)} WHERE id = {p.Id}");
    public Task Delete(string id) => db.Execute($"DELETE FROM identity_policies WHERE id = {id}");
}
