using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Network.Attributes;

namespace Nephos.Network.Sharing;

internal sealed record RbacRow(Guid Id, string ProjectId, string ObjectType, Guid ObjectId, string Action, string TargetProject, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : IResourceRow;

/// <summary>SQL about who shares what with whom.</summary>
internal sealed class RbacTable(NetworkDb db)
{
    public Task Add(string project, string kind, Guid id, string action, string target) => db.Execute($"""
        INSERT INTO network_rbac_policies (id, project_id, object_type, object_id, action, target_project, created_at, updated_at, revision_number)
        VALUES ({NewId.Uuid()}, {project}, {kind}, {id}, {action}, {target}, {db.Now}, {db.Now}, 1) ON CONFLICT (object_type, object_id, action, target_project) DO NOTHING
        """);

    /// <summary>False if it is there already.</summary>
    public Task<bool> Insert(RbacRow row) => db.Changed($"""
        INSERT INTO network_rbac_policies (id, project_id, object_type, object_id, action, target_project, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.ObjectType}, {row.ObjectId}, {row.Action}, {row.TargetProject}, {row.CreatedAt}, {row.UpdatedAt}, 1)
        ON CONFLICT (object_type, object_id, action, target_project) DO NOTHING
        """);

    public Task<bool> Remove(string kind, Guid id, string action, string target) =>
        db.Changed($"DELETE FROM network_rbac_policies WHERE object_type = {kind} AND object_id = {id} AND action = {action} AND target_project = {target}");

    public Task Delete(Guid id) => db.Execute($"DELETE FROM network_rbac_policies WHERE id = {id}");

    public Task Clear(string kind, Guid id) => db.Execute($"DELETE FROM network_rbac_policies WHERE object_type = {kind} AND object_id = {id}");

    public Task SetTarget(Guid id, string target) => db.Execute($"UPDATE network_rbac_policies SET target_project = {target} WHERE id = {id}");

    public Task<List<string>> Targets(string kind, Guid id, string action) =>
        db.Query<string>($"SELECT target_project FROM network_rbac_policies WHERE object_type = {kind} AND object_id = {id} AND action = {action}");

    /// <summary>Owner of an object that can be shared; null if there is none.</summary>
    public async Task<string?> Owner(string kind, Guid id) => kind switch
    {
        "network" => await db.Scalar<string>($"SELECT project_id FROM network_networks WHERE id = {id}"),
        "subnetpool" => await db.Scalar<string>($"SELECT project_id FROM network_subnet_pools WHERE id = {id}"),
        "address_scope" => await db.Scalar<string>($"SELECT project_id FROM network_address_scopes WHERE id = {id}"),
        "security_group" => await db.Scalar<string>($"SELECT project_id FROM network_security_groups WHERE id = {id}"),
        _ => null,
    };

    /// <summary>Which objects of a kind are shared with everybody or a project.</summary>
    public static SqlText Shared(string kind, IEnumerable<Guid> ids, string project) =>
        $"SELECT DISTINCT object_id FROM network_rbac_policies WHERE object_type = {kind} AND action = 'access_as_shared' AND object_id IN {ids} AND target_project IN {new[] { "*", project }}";

    public async Task<bool> IsShared(string kind, Guid id, string project) => (await db.Query<Guid>(Shared(kind, [id], project))).Count > 0;
}
