using Nephos.Kernel.Data;

namespace Nephos.Identity.EndpointFilters;

/// <summary>A named set of endpoints: all that have these attributes.</summary>
internal sealed record EndpointGroupRow(string Id, string Name, string? Description, [Json] Dictionary<string, string> Filters, DateTimeOffset CreatedAt);

internal sealed class EndpointFilterTable(IdentityDb db)
{
    public Task<EndpointGroupRow?> Find(string id) => db.One<EndpointGroupRow>($"SELECT * FROM identity_endpoint_groups WHERE id = {id}");

    public Task<Page<EndpointGroupRow>> List(ListSql list) => db.Page<EndpointGroupRow>(list);

    public Task Insert(EndpointGroupRow g) => db.Execute($"""
        INSERT INTO identity_endpoint_groups (id, name, description, filters, created_at) VALUES ({g.Id}, {g.Name}, {g.Description}, {Sql.Json(g.Filters)}, {g.CreatedAt})
        """);

    public Task Update(EndpointGroupRow g) => db.Execute($"UPDATE identity_endpoint_groups SET name = {g.Name}, description = {g.Description}, filters = {Sql.Json(g.Filters)} WHERE id = {g.Id}");

    public Task Delete(string id) => db.Execute($"DELETE FROM identity_endpoint_groups WHERE id = {id}");

    public Task AddGroup(string group, string project) => db.Execute($"INSERT INTO identity_project_endpoint_groups (endpoint_group_id, project_id) VALUES ({group}, {project})");

    public Task<bool> RemoveGroup(string group, string project) => db.Changed($"DELETE FROM identity_project_endpoint_groups WHERE endpoint_group_id = {group} AND project_id = {project}");

    public Task<bool> HasGroup(string group, string project) =>
        db.Scalar<bool>($"SELECT COUNT(*) > 0 FROM identity_project_endpoint_groups WHERE endpoint_group_id = {group} AND project_id = {project}");

    public Task<List<string>> ProjectsOfGroup(string group) => db.Query<string>($"SELECT project_id FROM identity_project_endpoint_groups WHERE endpoint_group_id = {group} ORDER BY project_id");

    public Task<List<EndpointGroupRow>> GroupsOfProject(string project) => db.Query<EndpointGroupRow>($"""
        SELECT g.* FROM identity_endpoint_groups g JOIN identity_project_endpoint_groups p ON p.endpoint_group_id = g.id WHERE p.project_id = {project} ORDER BY g.created_at, g.id
        """);

    public Task AddEndpoint(string endpoint, string project) => db.Execute($"INSERT INTO identity_project_endpoints (endpoint_id, project_id) VALUES ({endpoint}, {project})");

    public Task<bool> RemoveEndpoint(string endpoint, string project) => db.Changed($"DELETE FROM identity_project_endpoints WHERE endpoint_id = {endpoint} AND project_id = {project}");

    public Task<bool> HasEndpoint(string endpoint, string project) =>
        db.Scalar<bool>($"SELECT COUNT(*) > 0 FROM identity_project_endpoints WHERE endpoint_id = {endpoint} AND project_id = {project}");

    public Task<List<string>> EndpointsOfProject(string project) => db.Query<string>($"SELECT endpoint_id FROM identity_project_endpoints WHERE project_id = {project}");

    public Task<List<string>> ProjectsOfEndpoint(string endpoint) => db.Query<string>($"SELECT project_id FROM identity_project_endpoints WHERE endpoint_id = {endpoint} ORDER BY project_id");
}
