using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Network.Attributes;
using Nephos.Network.Nodes;

namespace Nephos.Network.Agents;

internal sealed record AgentRow(Guid Id, Guid Node, string AgentType, string Binary, string Topic, string Host, string? Description, bool AdminStateUp, DateTimeOffset CreatedAt, DateTimeOffset StartedAt, DateTimeOffset SeenAt) : IResourceRow
{
    public string ProjectId => "";
    public long RevisionNumber => 0;
    public bool Alive { get; internal set; }
    public object Configurations { get; internal set; } = new { };
}

/// <summary>
/// Agents: what upstream runs as separate programs on a node. A node of ours does their work itself, and shows as one of each kind,
/// alive as long as the node gives signs of life.
/// </summary>
internal sealed class Agents(NetworkDb db, AgentTable table) : Resource<AgentRow>(db)
{
    public override string Name => "agent";
    public override string Table => "network_agents";
    public override string? Quota => null;
    public override bool Creates => false;
    public override Fault Missing(string id) => Errors.AgentNotFound(id);
    public override SqlText Visible(Viewer viewer) => $"1 = 0";

    public override IReadOnlyList<Attribute<AgentRow>> Attributes { get; } =
    [
        Common.Id<AgentRow>(),
        new("agent_type", a => a.AgentType) { Column = "agent_type" },
        new("binary", a => a.Binary) { Column = "\"binary\"" },
        new("topic", a => a.Topic) { Column = "topic" },
        new("host", a => a.Host) { Column = "host" },
        new("admin_state_up", a => a.AdminStateUp) { Put = true, Read = Read.Bool, Column = "admin_state_up", Kind = ColumnKind.Bool },
        new("created_at", a => Time(a.CreatedAt)),
        new("started_at", a => Time(a.StartedAt)),
        new("heartbeat_timestamp", a => Time(a.SeenAt)),
        new("alive", a => a.Alive) { Filter = (v, _) => table.AliveFilter(v) },
        new("configurations", a => a.Configurations),
        new("description", a => a.Description) { Put = true, Read = Read.TextOrNull(), Column = "description" },
        new("availability_zone", a => a.AgentType is "DHCP agent" or "L3 agent" ? "nova" : null),
        new("resources_synced", _ => null),
        new("resource_versions", _ => null) { Hidden = true },
    ];

    public override async Task Fill(IReadOnlyList<AgentRow> rows, Viewer viewer)
    {
        var loads = rows.Count > 0 ? await table.Loads() : [];
        foreach (var row in rows)
        {
            row.Alive = row.SeenAt > Db.Now - AgentTable.DownAfter;
            var (networks, routers, devices, types) = loads.GetValueOrDefault(row.Node);
            row.Configurations = row.AgentType switch
            {
                "DHCP agent" => new { dhcp_driver = "neutron.agent.linux.dhcp.Dnsmasq", dhcp_lease_duration = 86400, networks, ports = devices, subnets = networks, log_agent_heartbeats = false },
                "L3 agent" => new { agent_mode = "legacy", handle_internal_only_routers = true, routers, ex_gw_ports = routers, floating_ips = 0, interfaces = routers, log_agent_heartbeats = false },
                "Metadata agent" => new { log_agent_heartbeats = false, nova_metadata_host = "127.0.0.1", nova_metadata_port = 8775 },
                _ => new { devices, interface_mappings = new { external = "br-ex" }, l2_population = true, tunnel_types = types ?? [], tunneling_ip = "", extensions = Array.Empty<string>(), bridge_mappings = new { } },
            };
        }
    }

    /// <summary>Agents have no revision to count.</summary>
    public override Task<AgentRow?> Touch(Guid id) => table.Find(id);

    public override Task Update(AgentRow row, Values values, Viewer viewer, Change change) =>
        table.Update(row.Id, values.Or("admin_state_up", row.AdminStateUp), values.Or("description", row.Description));

    public override Task Delete(AgentRow row, Viewer viewer, Change change)
    {
        if (row.Alive) throw Errors.BadOperation("agent", $"Agent {row.Id} is alive: it would come back at its next sign of life");
        return table.Delete(row.Id);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>SQL about agents.</summary>
internal sealed class AgentTable(NetworkDb db)
{
    public static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(75);

    public SqlText AliveFilter(IReadOnlyList<string> values)
    {
        var since = db.Now - DownAfter;
        return Sql.Any(values.Select(v => Read.ParseBool(v) ?? throw Errors.InvalidInput($"'{v}' cannot be converted to boolean"))
            .Select(alive => alive ? (SqlText)$"seen_at > {since}" : $"seen_at <= {since}"));
    }

    public Task<AgentRow?> Find(Guid id) => db.One<AgentRow>($"SELECT * FROM network_agents WHERE id = {id}");
    public Task<List<AgentRow>> OfNodes(IReadOnlyCollection<Guid> nodes, string type) => db.Query<AgentRow>($"SELECT * FROM network_agents WHERE node IN {nodes} AND agent_type = {type}");
    public Task Update(Guid id, bool up, string? description) => db.Execute($"UPDATE network_agents SET admin_state_up = {up}, description = {description} WHERE id = {id}");
    public Task Delete(Guid id) => db.Execute($"DELETE FROM network_agents WHERE id = {id}");

    /// <summary>Made on the node's first visit; later visits keep id, description and state.</summary>
    public Task Save(Guid node, string host, string type, string binary, string topic) => db.Execute($"""
        INSERT INTO network_agents (id, node, agent_type, "binary", topic, host, description, admin_state_up, created_at, started_at, seen_at)
        VALUES ({NewId.Uuid()}, {node}, {type}, {binary}, {topic}, {host}, {(string?)null}, TRUE, {db.Now}, {db.Now}, {db.Now})
        ON CONFLICT (node, agent_type) DO UPDATE SET host = excluded.host, "binary" = excluded."binary", started_at = excluded.started_at, seen_at = excluded.seen_at
        """);

    /// <summary>What each node carries: networks with DHCP, routers, devices, tunnel types.</summary>
    public async Task<Dictionary<Guid, (long Networks, long Routers, long Devices, string[]? Types)>> Loads()
    {
        var ports = await db.Query<(Guid Node, string Owner, long Count)>($"SELECT node, device_owner, COUNT(*) FROM network_ports WHERE node IS NOT NULL GROUP BY node, device_owner");
        var routers = (await db.Query<(Guid Node, long Count)>($"SELECT node, COUNT(*) FROM network_routers WHERE node IS NOT NULL GROUP BY node")).ToDictionary(r => r.Node, r => r.Count);
        var nodes = await db.Query<NodeRow>($"SELECT * FROM network_nodes");
        return nodes.ToDictionary(n => n.Id, n => (ports.Where(p => p.Node == n.Id && p.Owner == "network:dhcp").Sum(p => p.Count), routers.GetValueOrDefault(n.Id),
            ports.Where(p => p.Node == n.Id).Sum(p => p.Count), (string[]?)[.. n.NetworkTypes.Where(t => t is "vxlan" or "gre")]));
    }
}
