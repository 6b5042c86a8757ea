using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Roles;

/// <summary>A role; with a domain it may be given only inside it, and never shows in tokens itself.</summary>
internal sealed record RoleRow(string Id, string Name, string? DomainId, string? Description,
    [Json] Dictionary<string, JsonElement> Options, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt);

internal sealed class RoleTable(IdentityDb db)
{
    public Task<RoleRow?> Find(string id) => db.One<RoleRow>($"SELECT * FROM identity_roles WHERE id = {id}");

    public Task<List<RoleRow>> ByName(string name) => db.Query<RoleRow>($"SELECT * FROM identity_roles WHERE name = {name} AND domain_id IS NULL");

    public Task<List<RoleRow>> InAnyDomain(string name) => db.Query<RoleRow>($"SELECT * FROM identity_roles WHERE name = {name}");

    public Task<List<RoleRow>> Many(IReadOnlyList<string> ids) => db.Query<RoleRow>($"SELECT * FROM identity_roles WHERE id IN {ids} ORDER BY created_at, id");

    public Task<Page<RoleRow>> List(ListSql list) => db.Page<RoleRow>(list);

    public async Task<RoleGraph> Graph()
    {
        var roles = await db.Query<RoleRow>($"SELECT * FROM identity_roles ORDER BY created_at, id");
        return new RoleGraph(roles, await db.Query<(string, string)>($"SELECT prior_role_id, implied_role_id FROM identity_implied_roles ORDER BY prior_role_id, implied_role_id"));
    }

    public Task Insert(RoleRow role) => db.Execute($"""
        INSERT INTO identity_roles (id, name, domain_id, description, options, extra, created_at)
        VALUES ({role.Id}, {role.Name}, {role.DomainId}, {role.Description}, {Sql.Json(role.Options)}, {Sql.Json(role.Extra)}, {role.CreatedAt})
        """);

    public Task Update(RoleRow role) => db.Execute($"""
        UPDATE identity_roles SET name = {role.Name}, description = {role.Description}, options = {Sql.Json(role.Options)}, extra = {Sql.Json(role.Extra)} WHERE id = {role.Id}
        """);

    public Task Delete(string id) => db.Execute($"DELETE FROM identity_roles WHERE id = {id}");

    public Task DeleteOfDomain(string domain) => db.Execute($"DELETE FROM identity_roles WHERE domain_id = {domain}");

    public Task Imply(string prior, string implied) => db.Execute($"""
        INSERT INTO identity_implied_roles (prior_role_id, implied_role_id) VALUES ({prior}, {implied}) ON CONFLICT DO NOTHING
        """);

    public Task<bool> Unimply(string prior, string implied) =>
        db.Changed($"DELETE FROM identity_implied_roles WHERE prior_role_id = {prior} AND implied_role_id = {implied}");
}
