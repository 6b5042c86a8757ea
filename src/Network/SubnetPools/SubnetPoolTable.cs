using Nephos.Kernel.Data;
using Nephos.Network.Attributes;

namespace Nephos.Network.SubnetPools;

internal sealed record SubnetPoolRow(Guid Id, string ProjectId, string Name, string Description, int IpVersion, [Json] string[] Prefixes, int DefaultPrefixlen, int MinPrefixlen, int MaxPrefixlen,
    long? DefaultQuota, bool IsDefault, Guid? AddressScopeId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : TaggedRow, IResourceRow
{
    public bool Shared { get; internal set; }
}

internal sealed record AddressScopeRow(Guid Id, string ProjectId, string Name, int IpVersion, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : IResourceRow
{
    public bool Shared { get; internal set; }
}

/// <summary>SQL about subnet pools and address scopes.</summary>
internal sealed class SubnetPoolTable(NetworkDb db)
{
    public Task<SubnetPoolRow?> Find(Guid id) => db.One<SubnetPoolRow>($"SELECT * FROM network_subnet_pools WHERE id = {id}");
    public Task<Guid?> Default(int version) => db.One<Guid?>($"SELECT id FROM network_subnet_pools WHERE is_default AND ip_version = {version}");
    public Task Lock(Guid id) => db.Execute($"UPDATE network_subnet_pools SET updated_at = updated_at WHERE id = {id}");
    public Task<List<SubnetPoolRow>> OfScope(Guid scope) => db.Query<SubnetPoolRow>($"SELECT * FROM network_subnet_pools WHERE address_scope_id = {scope}");
    public async Task<bool> IsUsed(Guid pool) => await db.Scalar<long>($"SELECT COUNT(*) FROM network_subnets WHERE subnetpool_id = {pool}") > 0;

    public async Task<bool> IsShared(Guid id, string project) => await db.Scalar<long>(
        $"SELECT COUNT(*) FROM network_rbac_policies WHERE object_type = 'subnetpool' AND object_id = {id} AND target_project IN {new[] { "*", project }}") > 0;

    public static SqlText Visible(string kind, Viewer viewer) =>
        $"(project_id = {viewer.ProjectId} OR id IN (SELECT object_id FROM network_rbac_policies WHERE object_type = {kind} AND target_project IN {new[] { "*", viewer.ProjectId }}))";

    public Task Insert(SubnetPoolRow row) => db.Execute($"""
        INSERT INTO network_subnet_pools (id, project_id, name, description, ip_version, prefixes, default_prefixlen, min_prefixlen, max_prefixlen, default_quota, is_default, address_scope_id, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.Name}, {row.Description}, {row.IpVersion}, {Sql.Json(row.Prefixes)}, {row.DefaultPrefixlen}, {row.MinPrefixlen}, {row.MaxPrefixlen}, {row.DefaultQuota},
            {row.IsDefault}, {row.AddressScopeId}, {row.CreatedAt}, {row.UpdatedAt}, {row.RevisionNumber})
        """);

    public Task Update(SubnetPoolRow row) => db.Execute($"""
        UPDATE network_subnet_pools SET name = {row.Name}, description = {row.Description}, prefixes = {Sql.Json(row.Prefixes)}, default_prefixlen = {row.DefaultPrefixlen}, min_prefixlen = {row.MinPrefixlen},
            max_prefixlen = {row.MaxPrefixlen}, default_quota = {row.DefaultQuota}, is_default = {row.IsDefault}, address_scope_id = {row.AddressScopeId} WHERE id = {row.Id}
        """);

    public Task Delete(Guid id) => db.Execute($"DELETE FROM network_subnet_pools WHERE id = {id}");

    public Task<AddressScopeRow?> FindScope(Guid id) => db.One<AddressScopeRow>($"SELECT * FROM network_address_scopes WHERE id = {id}");

    public Task InsertScope(AddressScopeRow row) => db.Execute($"""
        INSERT INTO network_address_scopes (id, project_id, name, ip_version, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.Name}, {row.IpVersion}, {row.CreatedAt}, {row.UpdatedAt}, {row.RevisionNumber})
        """);

    public Task UpdateScope(AddressScopeRow row) => db.Execute($"UPDATE network_address_scopes SET name = {row.Name} WHERE id = {row.Id}");
    public Task DeleteScope(Guid id) => db.Execute($"DELETE FROM network_address_scopes WHERE id = {id}");
}
