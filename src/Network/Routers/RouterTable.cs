using Nephos.Kernel.Data;
using Nephos.Network.Attributes;
using Nephos.Network.Ports;
using Nephos.Network.Subnets;

namespace Nephos.Network.Routers;

internal sealed record RouterRow(Guid Id, string ProjectId, string Name, string Description, bool AdminStateUp, string Status, Guid? GatewayPortId, bool EnableSnat, [Json] RouteText[] Routes,
    [Json] string[] AvailabilityZoneHints, Guid? Node, bool ByHand, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : TaggedRow, IResourceRow
{
    public Guid? GatewayNetwork { get; internal set; }
    public IReadOnlyList<FixedIp> GatewayIps { get; internal set; } = [];
}

/// <summary>SQL about routers.</summary>
internal sealed class RouterTable(NetworkDb db)
{
    public Task<RouterRow?> Find(Guid id) => db.One<RouterRow>($"SELECT * FROM network_routers WHERE id = {id}");
    public Task<List<RouterRow>> OfNode(Guid node) => db.Query<RouterRow>($"SELECT * FROM network_routers WHERE node = {node} ORDER BY created_at, id");
    public Task<List<RouterRow>> OfProject(string project) => db.Query<RouterRow>($"SELECT * FROM network_routers WHERE project_id = {project} ORDER BY created_at, id");

    public Task Insert(RouterRow row) => db.Execute($"""
        INSERT INTO network_routers (id, project_id, name, description, admin_state_up, status, gateway_port_id, enable_snat, routes, availability_zone_hints, node, by_hand, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.Name}, {row.Description}, {row.AdminStateUp}, {row.Status}, {row.GatewayPortId}, {row.EnableSnat}, {Sql.Json(row.Routes)},
            {Sql.Json(row.AvailabilityZoneHints)}, {row.Node}, {row.ByHand}, {row.CreatedAt}, {row.UpdatedAt}, {row.RevisionNumber})
        """);

    public Task Update(RouterRow row) => db.Execute($"""
        UPDATE network_routers SET name = {row.Name}, description = {row.Description}, admin_state_up = {row.AdminStateUp}, gateway_port_id = {row.GatewayPortId}, enable_snat = {row.EnableSnat},
            routes = {Sql.Json(row.Routes)}, node = {row.Node}, by_hand = {row.ByHand} WHERE id = {row.Id}
        """);

    public Task SetNode(Guid router, Guid? node, bool byHand) => db.Execute($"UPDATE network_routers SET node = {node}, by_hand = {byHand} WHERE id = {router}");

    /// <summary>A router's ports live where it lives.</summary>
    public Task MovePorts(Guid router, Guid? node, string host) => db.Execute($"""
        UPDATE network_ports SET node = {node}, host = {host}, status = 'DOWN' WHERE device_id = {router} AND device_owner IN {new[] { "network:router_interface", "network:router_gateway" }}
            AND node IS DISTINCT FROM {node}
        """);

    public Task Delete(Guid id) => db.Execute($"DELETE FROM network_routers WHERE id = {id}");

    /// <summary>Takes a subnet for a router; false if it has an interface there.</summary>
    public Task<bool> Take(Guid router, Guid subnet, Guid port) =>
        db.Changed($"INSERT INTO network_router_subnets (router_id, subnet_id, port_id) VALUES ({router}, {subnet}, {port}) ON CONFLICT (router_id, subnet_id) DO NOTHING");

    public Task Release(Guid router, Guid port) => db.Execute($"DELETE FROM network_router_subnets WHERE router_id = {router} AND port_id = {port}");
    public Task ReleaseOne(Guid router, Guid port, Guid subnet) => db.Execute($"DELETE FROM network_router_subnets WHERE router_id = {router} AND port_id = {port} AND subnet_id = {subnet}");

    public Task<List<(Guid Subnet, Guid Port)>> Subnets(Guid router) => db.Query<(Guid, Guid)>($"SELECT subnet_id, port_id FROM network_router_subnets WHERE router_id = {router}");

    /// <summary>Subnets that some router stands in.</summary>
    public async Task<HashSet<Guid>> Routed(IReadOnlyCollection<Guid> subnets) => [.. await db.Query<Guid>($"SELECT DISTINCT subnet_id FROM network_router_subnets WHERE subnet_id IN {subnets}")];

    /// <summary>Reads gateway networks and addresses.</summary>
    public Task Fill(IReadOnlyList<RouterRow> rows) => db.Fill(rows, PartsOf(rows));

    /// <summary>Network and addresses of the gateway.</summary>
    public static Part<RouterRow>[] PartsOf(IReadOnlyList<RouterRow> rows)
    {
        var ports = rows.Select(r => r.GatewayPortId).OfType<Guid>().ToArray();
        return ports.Length == 0 ? [] :
        [
            Part.Of((RouterRow r) => r.GatewayPortId.GetValueOrDefault(), ((Guid Port, Guid Network) g) => g.Port, $"SELECT id, network_id FROM network_ports WHERE id IN {ports}",
                (router, found) => router.GatewayNetwork = found is [var gateway] ? gateway.Network : null),
            Part.Of((RouterRow r) => r.GatewayPortId.GetValueOrDefault(), ((Guid Port, Guid Subnet, string Address) a) => a.Port,
                $"SELECT port_id, subnet_id, address FROM network_addresses WHERE port_id IN {ports} ORDER BY place, address",
                (router, found) => router.GatewayIps = [.. found.Select(a => new FixedIp(a.Subnet, a.Address))]),
        ];
    }

    /// <summary>Floating IPs that need a router's interface on a subnet.</summary>
    public async Task<bool> FloatsBehind(Guid router, Guid subnet) => await db.Scalar<long>($"""
        SELECT COUNT(*) FROM network_floating_ips f JOIN network_addresses a ON a.port_id = f.port_id AND a.address = f.fixed_ip_address WHERE f.router_id = {router} AND a.subnet_id = {subnet}
        """) > 0;
}
