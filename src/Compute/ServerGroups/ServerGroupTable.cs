using Nephos.Kernel.Data;

namespace Nephos.Compute.ServerGroups;

internal sealed record ServerGroup(Guid Id, string Name, string ProjectId, string UserId, string Policy, long? MaxPerHost, DateTimeOffset CreatedAt);

/// <summary>Where the SQL of server groups lives. Members are the servers that name the group.</summary>
internal sealed class ServerGroupTable(ComputeDb db)
{
    public Task<ServerGroup?> Find(string id) => db.One<ServerGroup>($"SELECT * FROM compute_server_groups WHERE id = {id}");

    public Task<List<ServerGroup>> List(string? project, int offset, int limit) => db.Query<ServerGroup>(
        $"SELECT * FROM compute_server_groups WHERE {(project is null ? (SqlText)$"1 = 1" : $"project_id = {project}")} ORDER BY created_at, id LIMIT {limit} OFFSET {offset}");

    public Task<List<(Guid Group, Guid Server)>> Members(IReadOnlyList<Guid> groups) =>
        db.Query<(Guid, Guid)>($"SELECT group_id, id FROM compute_servers WHERE group_id IN {groups} AND deleted_at IS NULL ORDER BY number");

    public Task Insert(ServerGroup g) => db.Execute($"""
        INSERT INTO compute_server_groups (id, name, project_id, user_id, policy, max_per_host, created_at)
        VALUES ({g.Id}, {g.Name}, {g.ProjectId}, {g.UserId}, {g.Policy}, {g.MaxPerHost}, {g.CreatedAt})
        """);

    public Task<bool> Delete(Guid id) => db.Changed($"DELETE FROM compute_server_groups WHERE id = {id}");
}
