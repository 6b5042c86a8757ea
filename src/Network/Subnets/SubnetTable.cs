using Nephos.Contracts.Drivers;
using Nephos.Kernel.Data;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;

namespace Nephos.Network.Subnets;

/// <summary>A pool as the API writes it.</summary>
internal sealed record PoolText(string Start, string End)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public AddressPool Pool => new(Ip.Parse(Start), Ip.Parse(End));
    public static PoolText Of(AddressPool pool) => new(pool.Start.ToString(), pool.End.ToString());
}

/// <summary>A host route as the API writes it.</summary>
internal sealed record RouteText(string Destination, string Nexthop)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public StaticRoute Route => new(Destination, Nexthop);
}

internal sealed record SubnetRow(Guid Id, string ProjectId, Guid NetworkId, string Name, string Description, int IpVersion, string Cidr, string? GatewayIp, bool EnableDhcp, string? Ipv6RaMode,
    string? Ipv6AddressMode, Guid? SubnetpoolId, [Json] PoolText[] AllocationPools, [Json] string[] DnsNameservers, [Json] RouteText[] HostRoutes, [Json] string[] ServiceTypes, bool DnsPublishFixedIp,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : TaggedRow, IResourceRow
{
    /// <summary>Owner of the network.</summary>
    public string NetworkProject { get; init; } = "";
    /// <summary>The network is shared with the viewer.</summary>
    public bool Shared { get; internal set; }
    public Cidr Range => Addresses.Cidr.Parse(Cidr);
    /// <summary>Hosts make their own addresses here.</summary>
    public bool IsAuto => Ipv6AddressMode is "slaac" or "dhcpv6-stateless";
}

/// <summary>SQL about subnets.</summary>
internal sealed class SubnetTable(NetworkDb db)
{
    public const string Select = "*, (SELECT n.project_id FROM network_networks n WHERE n.id = network_id) AS network_project";

    public static SqlText Visible(Viewer viewer) => $"""
        (project_id = {viewer.ProjectId} OR network_id IN (SELECT id FROM network_networks WHERE project_id = {viewer.ProjectId})
            OR network_id IN (SELECT object_id FROM network_rbac_policies WHERE object_type = 'network' AND action = 'access_as_shared' AND target_project IN {new[] { "*", viewer.ProjectId }}))
        """;

    public Task<SubnetRow?> Find(Guid id) => db.One<SubnetRow>($"SELECT * FROM network_subnets WHERE id = {id}");
    public Task<List<SubnetRow>> Get(IReadOnlyCollection<Guid> ids) => db.Query<SubnetRow>($"SELECT * FROM network_subnets WHERE id IN {ids}");
    public Task<List<SubnetRow>> OfNetwork(Guid network) => db.Query<SubnetRow>($"SELECT * FROM network_subnets WHERE network_id = {network} ORDER BY created_at, id");
    public Task<List<SubnetRow>> OfNetworks(IReadOnlyCollection<Guid> networks) => db.Query<SubnetRow>($"SELECT * FROM network_subnets WHERE network_id IN {networks} ORDER BY created_at, id");

    public Task Insert(SubnetRow row) => db.Execute($"""
        INSERT INTO network_subnets (id, project_id, network_id, name, description, ip_version, cidr, gateway_ip, enable_dhcp, ipv6_ra_mode, ipv6_address_mode, subnetpool_id, allocation_pools,
            dns_nameservers, host_routes, service_types, dns_publish_fixed_ip, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.NetworkId}, {row.Name}, {row.Description}, {row.IpVersion}, {row.Cidr}, {row.GatewayIp}, {row.EnableDhcp}, {row.Ipv6RaMode}, {row.Ipv6AddressMode},
            {row.SubnetpoolId}, {Sql.Json(row.AllocationPools)}, {Sql.Json(row.DnsNameservers)}, {Sql.Json(row.HostRoutes)}, {Sql.Json(row.ServiceTypes)}, {row.DnsPublishFixedIp},
            {row.CreatedAt}, {row.UpdatedAt}, {row.RevisionNumber})
        """);

    public Task Update(SubnetRow row) => db.Execute($"""
        UPDATE network_subnets SET name = {row.Name}, description = {row.Description}, gateway_ip = {row.GatewayIp}, enable_dhcp = {row.EnableDhcp}, allocation_pools = {Sql.Json(row.AllocationPools)},
            dns_nameservers = {Sql.Json(row.DnsNameservers)}, host_routes = {Sql.Json(row.HostRoutes)}, service_types = {Sql.Json(row.ServiceTypes)}, dns_publish_fixed_ip = {row.DnsPublishFixedIp}
        WHERE id = {row.Id}
        """);

    public Task Delete(Guid id) => db.Execute($"DELETE FROM network_subnets WHERE id = {id}");

    /// <summary>Locks the network's row: two subnets of one network are made one after the other, so that they cannot overlap.</summary>
    public Task LockNetwork(Guid network) => db.Execute($"UPDATE network_networks SET revision_number = revision_number + 1 WHERE id = {network}");

    /// <summary>Ranges taken from a pool, and by whom.</summary>
    public Task<List<(string Cidr, string Project)>> FromPool(Guid pool) => db.Query<(string, string)>($"SELECT cidr, project_id FROM network_subnets WHERE subnetpool_id = {pool}");

    /// <summary>Addresses of a subnet that keep it from being deleted, as owners of the ports.</summary>
    public Task<List<(Guid Port, string Owner)>> Users(Guid subnet) => db.Query<(Guid, string)>(
        $"SELECT DISTINCT p.id, p.device_owner FROM network_addresses a JOIN network_ports p ON p.id = a.port_id WHERE a.subnet_id = {subnet}");
}
