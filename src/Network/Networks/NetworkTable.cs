using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Kernel.Data;
using Nephos.Network.Attributes;
using Nephos.Network.Sharing;

namespace Nephos.Network.Networks;

internal sealed record NetworkRow(Guid Id, string ProjectId, string Name, string Description, bool AdminStateUp, string Status, int Mtu, bool PortSecurityEnabled, bool External,
    bool IsDefault, string NetworkType, string? PhysicalNetwork, long? SegmentationId, string DnsDomain, [Json] string[] AvailabilityZoneHints, bool DhcpByHand,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : TaggedRow, IResourceRow
{
    /// <summary>Subnets, oldest first, with their version and address scope.</summary>
    public IReadOnlyList<NetworkSubnet> Subnets { get; internal set; } = [];
    /// <summary>Shared with everybody or with the viewer's project.</summary>
    public bool Shared { get; internal set; }
    /// <summary>Zones of the nodes that serve it.</summary>
    public IReadOnlyList<string> Zones { get; internal set; } = [];
}

internal sealed record NetworkSubnet(Guid Id, Guid NetworkId, int IpVersion, Guid? AddressScopeId);

/// <summary>SQL about networks.</summary>
internal sealed class NetworkTable(NetworkDb db)
{
    public Task<NetworkRow?> Find(Guid id) => db.One<NetworkRow>($"SELECT * FROM network_networks WHERE id = {id}");

    public Task<List<NetworkRow>> All() => db.Query<NetworkRow>($"SELECT * FROM network_networks ORDER BY created_at, id");
    public Task<List<NetworkRow>> External() => db.Query<NetworkRow>($"SELECT * FROM network_networks WHERE external ORDER BY created_at, id");
    public Task<List<NetworkRow>> Get(IReadOnlyCollection<Guid> ids) => db.Query<NetworkRow>($"SELECT * FROM network_networks WHERE id IN {ids}");

    /// <summary>One that the viewer may know of.</summary>
    public Task<NetworkRow?> Find(Guid id, Viewer viewer) => viewer.IsAdmin ? Find(id) : db.One<NetworkRow>($"SELECT * FROM network_networks WHERE id = {id} AND {Visible(viewer)}");

    /// <summary>All that the viewer may know of.</summary>
    public Task<List<NetworkRow>> Seen(Viewer viewer) => viewer.IsAdmin ? All() : db.Query<NetworkRow>($"SELECT * FROM network_networks WHERE {Visible(viewer)} ORDER BY created_at, id");

    /// <summary>Ids of networks that a project may plug into or see: its own, external ones, and what rbac shares with it.</summary>
    public static SqlText Visible(Viewer viewer) =>
        $"(project_id = {viewer.ProjectId} OR external OR id IN (SELECT object_id FROM network_rbac_policies WHERE object_type = 'network' AND target_project IN {new[] { "*", viewer.ProjectId }}))";

    /// <summary>What a project may plug into without naming it: its own and shared ones.</summary>
    public Task<List<NetworkRow>> Pluggable(string project) => db.Query<NetworkRow>($"""
        SELECT * FROM network_networks WHERE project_id = {project}
            OR (NOT external AND id IN (SELECT object_id FROM network_rbac_policies WHERE object_type = 'network' AND action = 'access_as_shared' AND target_project IN {new[] { "*", project }}))
        ORDER BY created_at, id
        """);

    /// <summary>Shared with everybody or with a project, for plugging.</summary>
    public async Task<bool> IsShared(Guid id, string project) => (await db.Query<Guid>(RbacTable.Shared("network", [id], project))).Count > 0;

    /// <summary>Subnets, sharing and zones.</summary>
    public static Part<NetworkRow>[] PartsOf(IReadOnlyList<NetworkRow> rows, string project)
    {
        var ids = rows.Select(r => r.Id).ToArray();
        return
        [
            Part.Of((NetworkRow n) => n.Id, (NetworkSubnet s) => s.NetworkId, $"""
                SELECT s.id, s.network_id, s.ip_version, p.address_scope_id FROM network_subnets s LEFT JOIN network_subnet_pools p ON p.id = s.subnetpool_id
                WHERE s.network_id IN {ids} ORDER BY s.created_at, s.id
                """, (network, subnets) => network.Subnets = subnets),
            Part.Flag((NetworkRow n) => n.Id, RbacTable.Shared("network", ids, project), (network, shared) => network.Shared = shared),
            Part.Flag((NetworkRow n) => n.Id, $"SELECT DISTINCT network_id FROM network_ports WHERE network_id IN {ids} AND device_owner = 'network:dhcp' AND node IS NOT NULL",
                (network, served) => network.Zones = served ? ["nova"] : []),
        ];
    }

    /// <summary>Inserts; another id is taken when the device name of this one is taken.</summary>
    public async Task<NetworkRow> Insert(NetworkRow row)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await db.InTransaction(() => db.Execute($"""
                    INSERT INTO network_networks (id, project_id, name, description, admin_state_up, status, mtu, port_security_enabled, external, is_default, network_type, physical_network,
                        segmentation_id, dns_domain, availability_zone_hints, dhcp_by_hand, device, created_at, updated_at, revision_number)
                    VALUES ({row.Id}, {row.ProjectId}, {row.Name}, {row.Description}, {row.AdminStateUp}, {row.Status}, {row.Mtu}, {row.PortSecurityEnabled}, {row.External}, {row.IsDefault},
                        {row.NetworkType}, {row.PhysicalNetwork}, {row.SegmentationId}, {row.DnsDomain}, {Sql.Json(row.AvailabilityZoneHints)}, {row.DhcpByHand}, {DeviceNames.Bridge(row.Id)},
                        {row.CreatedAt}, {row.UpdatedAt}, {row.RevisionNumber})
                    """));
                return row;
            }
            catch (DuplicateKey e) when (e.On("device") && attempt < 5)
            {
                row = row with { Id = NewId.Uuid() };
            }
        }
    }

    public Task Update(NetworkRow row) => db.Execute($"""
        UPDATE network_networks SET name = {row.Name}, description = {row.Description}, admin_state_up = {row.AdminStateUp}, mtu = {row.Mtu}, port_security_enabled = {row.PortSecurityEnabled},
            external = {row.External}, is_default = {row.IsDefault}, dns_domain = {row.DnsDomain}, dhcp_by_hand = {row.DhcpByHand} WHERE id = {row.Id}
        """);

    public Task Delete(Guid id) => db.Execute($"DELETE FROM network_networks WHERE id = {id}");

    public Task<Guid?> Named(string project, string name) => db.One<Guid?>($"SELECT id FROM network_networks WHERE project_id = {project} AND name = {name} ORDER BY created_at, id");

    public Task<Guid?> DefaultExternal() => db.One<Guid?>($"SELECT id FROM network_networks WHERE external AND is_default");

    /// <summary>Takes a number; false if somebody has it.</summary>
    public Task<bool> TakeSegment(string type, string physical, long id, Guid network) => db.Changed($"""
        INSERT INTO network_segments (network_type, physical_network, segmentation_id, network_id) VALUES ({type}, {physical}, {id}, {network})
        ON CONFLICT (network_type, physical_network, segmentation_id) DO NOTHING
        """);

    public Task SetSegment(Guid network, long id) => db.Execute($"UPDATE network_networks SET segmentation_id = {id} WHERE id = {network}");

    public Task FreeSegments(Guid network) => db.Execute($"DELETE FROM network_segments WHERE network_id = {network}");

    /// <summary>The smallest number from 1 that nobody uses.</summary>
    public async Task<long> FreeSegment(string type, string physical) =>
        await db.Scalar<long?>($"SELECT segmentation_id FROM network_segments WHERE network_type = {type} AND physical_network = {physical} AND segmentation_id = 1") is null ? 1
        : await db.Scalar<long>($"""
            SELECT a.segmentation_id + 1 FROM network_segments a WHERE a.network_type = {type} AND a.physical_network = {physical} AND NOT EXISTS (
                SELECT 1 FROM network_segments b WHERE b.network_type = {type} AND b.physical_network = {physical} AND b.segmentation_id = a.segmentation_id + 1)
            ORDER BY a.segmentation_id LIMIT 1
            """);

    /// <summary>The smallest MTU of the nodes' underlays; 1500 before the first node came.</summary>
    public async Task<int> Underlay() => await db.Scalar<int?>($"SELECT MIN(mtu) FROM network_nodes") ?? 1500;

    public Task<long> PortsOf(Guid network, bool butOwn) => db.Scalar<long>(butOwn
        ? (Kernel.Data.SqlText)$"SELECT COUNT(*) FROM network_ports WHERE network_id = {network} AND device_owner <> 'network:dhcp'"
        : $"SELECT COUNT(*) FROM network_ports WHERE network_id = {network}");

    /// <summary>Networks whose DHCP a node runs.</summary>
    public Task<List<Guid>> ServedBy(Guid node) => db.Query<Guid>($"SELECT DISTINCT network_id FROM network_ports WHERE node = {node} AND device_owner = 'network:dhcp'");

    /// <summary>Projects other than the owner's (and nobody's) with ports on a network that are not the network's own.</summary>
    public Task<List<string>> OtherUsers(Guid network, string owner) => db.Query<string>(
        $"SELECT DISTINCT project_id FROM network_ports WHERE network_id = {network} AND project_id NOT IN {new[] { owner, "" }} AND device_owner NOT IN {new[] { "network:router_gateway", "network:floatingip" }}");
}
