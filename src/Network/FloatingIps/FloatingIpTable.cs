using Nephos.Kernel.Data;
using Nephos.Network.Attributes;

namespace Nephos.Network.FloatingIps;

internal sealed record FloatingIpRow(Guid Id, string ProjectId, string Description, Guid FloatingNetworkId, string FloatingIpAddress, Guid FloatingPortId, Guid? PortId, string? FixedIpAddress, Guid? RouterId,
    string Status, string DnsName, string DnsDomain, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : TaggedRow, IResourceRow
{
    public PortDetails? Details { get; internal set; }
}

/// <summary>What a floating IP tells of the port behind it.</summary>
internal sealed record PortDetails(Guid Id, string Name, Guid NetworkId, string MacAddress, bool AdminStateUp, string Status, string DeviceId, string DeviceOwner);

/// <summary>SQL about floating IPs.</summary>
internal sealed class FloatingIpTable(NetworkDb db)
{
    public Task<FloatingIpRow?> Find(Guid id) => db.One<FloatingIpRow>($"SELECT * FROM network_floating_ips WHERE id = {id}");
    public Task<List<FloatingIpRow>> OfProject(string project) => db.Query<FloatingIpRow>($"SELECT * FROM network_floating_ips WHERE project_id = {project} ORDER BY created_at, id");
    public Task<List<FloatingIpRow>> At(string address) => db.Query<FloatingIpRow>($"SELECT * FROM network_floating_ips WHERE floating_ip_address = {address} ORDER BY created_at, id");
    public Task<List<FloatingIpRow>> OfPort(Guid port) => db.Query<FloatingIpRow>($"SELECT * FROM network_floating_ips WHERE port_id = {port} ORDER BY created_at, id");
    public Task<List<FloatingIpRow>> OfPorts(IReadOnlyCollection<Guid> ports) => db.Query<FloatingIpRow>($"SELECT * FROM network_floating_ips WHERE port_id IN {ports} ORDER BY created_at, id");
    public Task<List<FloatingIpRow>> Idle(Guid network) => db.Query<FloatingIpRow>($"SELECT * FROM network_floating_ips WHERE floating_network_id = {network} AND port_id IS NULL");
    public Task<List<FloatingIpRow>> OfRouter(Guid router) => db.Query<FloatingIpRow>($"SELECT * FROM network_floating_ips WHERE router_id = {router} ORDER BY created_at, id");
    public Task<List<PortDetails>> Details(IReadOnlyCollection<Guid> ports) => db.Query<PortDetails>(PortsBehind(ports));
    public static SqlText PortsBehind(IEnumerable<Guid> ports) => $"SELECT id, name, network_id, mac_address, admin_state_up, status, device_id, device_owner FROM network_ports WHERE id IN {ports}";

    public Task Insert(FloatingIpRow row) => db.Execute($"""
        INSERT INTO network_floating_ips (id, project_id, description, floating_network_id, floating_ip_address, floating_port_id, port_id, fixed_ip_address, router_id, status, dns_name, dns_domain, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.Description}, {row.FloatingNetworkId}, {row.FloatingIpAddress}, {row.FloatingPortId}, {row.PortId}, {row.FixedIpAddress}, {row.RouterId}, {row.Status},
            {row.DnsName}, {row.DnsDomain}, {row.CreatedAt}, {row.UpdatedAt}, {row.RevisionNumber})
        """);

    public Task SetDescription(Guid id, string text) => db.Execute($"UPDATE network_floating_ips SET description = {text} WHERE id = {id}");

    /// <summary>Points it at an address, or nowhere. The node that has the router makes it ACTIVE.</summary>
    public async Task Associate(Guid id, Guid? port, string? address, Guid? router)
    {
        await db.Execute($"""
            UPDATE network_floating_ips SET port_id = {port}, fixed_ip_address = {address}, router_id = {router}, status = 'DOWN', revision_number = revision_number + 1, updated_at = {db.Now} WHERE id = {id}
            """);
    }

    /// <summary>Those of a router that its node has carried out.</summary>
    public Task<List<Guid>> Activate(Guid router) => db.Query<Guid>($"UPDATE network_floating_ips SET status = 'ACTIVE' WHERE router_id = {router} AND status = 'DOWN' RETURNING port_id");

    public Task Delete(Guid id) => db.Execute($"DELETE FROM network_floating_ips WHERE id = {id}");

    /// <summary>Routers with an interface on a subnet whose gateway is on an external network, those of the subnet's own gateway address first.</summary>
    public Task<List<Guid>> RoutersBetween(Guid subnet, Guid external) => db.Query<Guid>($"""
        SELECT r.id FROM network_router_subnets i JOIN network_routers r ON r.id = i.router_id JOIN network_ports g ON g.id = r.gateway_port_id
        WHERE i.subnet_id = {subnet} AND g.network_id = {external}
        ORDER BY CASE WHEN EXISTS (SELECT 1 FROM network_addresses a JOIN network_subnets s ON s.id = a.subnet_id WHERE a.port_id = i.port_id AND s.id = i.subnet_id AND a.address = s.gateway_ip) THEN 0 ELSE 1 END, r.created_at, r.id
        """);
}
