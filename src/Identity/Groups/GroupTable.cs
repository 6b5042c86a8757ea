using System.Text.Json;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Groups;

internal sealed record GroupRow(string Id, string Name, string DomainId, string Description, [Json] Dictionary<string, JsonElement> Extra, DateTimeOffset CreatedAt);

internal sealed class GroupTable(IdentityDb db)
{
    public Task<GroupRow?> Find(string id) => db.One<GroupRow>($"SELECT * FROM identity_groups WHERE id = {id}");

    public Task<List<GroupRow>> Many(IReadOnlyList<string> ids) => db.Query<GroupRow>($"SELECT * FROM identity_groups WHERE id IN {ids}");

    public Task<Page<GroupRow>> List(ListSql list) => db.Page<GroupRow>(list);

    public Task Insert(GroupRow g) => db.Execute($"""
        INSERT INTO identity_groups (id, name, domain_id, description, extra, created_at) VALUES ({g.Id}, {g.Name}, {g.DomainId}, {g.Description}, {Sql.Json(g.Extra)}, {g.CreatedAt})
        """);

    public Task Update(GroupRow g) => db.Execute($"UPDATE identity_groups SET name = {g.Name}, description = {g.Description}, extra = {Sql.Json(g.Extra)} WHERE id = {g.Id}");

    public Task Delete(IReadOnlyList<string> ids) => db.Execute($"DELETE FROM identity_groups WHERE id IN {ids}");

    public Task<List<string>> OfDomain(string domain) => db.Query<string>($"SELECT id FROM identity_groups WHERE domain_id = {domain}");

    public Task<bool> HasMember(string group, string user) => db.Scalar<bool>($"SELECT COUNT(*) > 0 FROM identity_memberships WHERE group_id = {group} AND user_id = {user}");

    public Task<List<string>> GroupsOf(string user) => db.Query<string>($"SELECT group_id FROM identity_memberships WHERE user_id = {user}");

    public Task<List<(string Group, string User)>> Members(IReadOnlyList<string> groups) =>
        db.Query<(string, string)>($"SELECT group_id, user_id FROM identity_memberships WHERE group_id IN {groups} ORDER BY group_id, user_id");

    public Task AddMember(string group, string user) => db.Execute($"INSERT INTO identity_memberships (group_id, user_id) VALUES ({group}, {user}) ON CONFLICT DO NOTHING");

    public Task<bool> RemoveMember(string group, string user) => db.Changed($"DELETE FROM identity_memberships WHERE group_id = {group} AND user_id = {user}");
}
