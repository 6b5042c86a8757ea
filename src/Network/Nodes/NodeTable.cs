using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Network.Attributes;

namespace Nephos.Network.Nodes;

internal sealed record NodeRow(Guid Id, string Host, string Address, string Agent, string VifType, [Json] string[] NetworkTypes, int Mtu, DateTimeOffset JoinedAt, DateTimeOffset SeenAt);

/// <summary>SQL about nodes, and about what has to be worked out again for them.</summary>
internal sealed class NodeTable(NetworkDb db)
{
    public Task<List<NodeRow>> All() => db.Query<NodeRow>($"SELECT * FROM network_nodes ORDER BY joined_at, id");
    public Task<NodeRow?> Find(Guid id) => db.One<NodeRow>($"SELECT * FROM network_nodes WHERE id = {id}");

    public Task Save(NodeRow row) => db.Execute($"""
        INSERT INTO network_nodes (id, host, address, agent, vif_type, network_types, mtu, joined_at, seen_at)
        VALUES ({row.Id}, {row.Host}, {row.Address}, {row.Agent}, {row.VifType}, {Sql.Json(row.NetworkTypes)}, {row.Mtu}, {row.JoinedAt}, {row.SeenAt})
        ON CONFLICT (id) DO UPDATE SET host = excluded.host, address = excluded.address, agent = excluded.agent, vif_type = excluded.vif_type, network_types = excluded.network_types, mtu = excluded.mtu, seen_at = excluded.seen_at
        """);

    /// <summary>A sign of life, of the node and of its agents.</summary>
    public async Task Seen(Guid node)
    {
        await db.Execute($"UPDATE network_nodes SET seen_at = {db.Now} WHERE id = {node}");
        await db.Execute($"UPDATE network_agents SET seen_at = {db.Now} WHERE node = {node}");
    }

    /// <summary>
    /// Takes what is stale, up to so much; who takes it works it out in the same transaction, one after the other among all controllers: the
    /// last word about a thing is that of the last look at it.
    /// </summary>
    public async Task<List<(Stale Kind, Guid Id)>> TakeStale(int atMost)
    {
        await db.Queue("stale");
        var found = await db.Query<(Stale Kind, Guid Id)>($"SELECT DISTINCT kind, id FROM network_stale ORDER BY kind, id LIMIT {atMost}");
        foreach (var (kind, id) in found) await db.Execute($"DELETE FROM network_stale WHERE kind = {kind} AND id = {id}");
        return found;
    }

    public async Task<bool> IsStale(Stale kind, Guid id) => await db.Scalar<long>($"SELECT COUNT(*) FROM network_stale WHERE kind = {kind} AND id = {id}") > 0;

    /// <summary>A mark of its own each time: it is there once its change is committed, and not taken together with an older one before that.</summary>
    public Task Mark(Stale kind, Guid id) => db.Execute($"INSERT INTO network_stale (mark, kind, id) VALUES ({NewId.Ordered()}, {kind}, {id})");

    /// <summary>Everything that waits for a node, or that tells nodes about each other.</summary>
    public async Task MarkAll()
    {
        var mark = $"{NewId.Ordered()}/";
        await db.Execute($"INSERT INTO network_stale (mark, kind, id) SELECT {mark} || 'n' || id, {Stale.Network}, id FROM network_networks");
        await db.Execute($"INSERT INTO network_stale (mark, kind, id) SELECT {mark} || 'd' || id, {Stale.Dhcp}, id FROM network_networks");
        await db.Execute($"INSERT INTO network_stale (mark, kind, id) SELECT {mark} || 'r' || id, {Stale.Router}, id FROM network_routers");
        await db.Execute($"INSERT INTO network_stale (mark, kind, id) SELECT {mark} || 'p' || id, {Stale.Port}, id FROM network_ports WHERE node IS NOT NULL");
    }

    /// <summary>Nodes with ports of a network.</summary>
    public Task<List<Guid>> WithNetwork(Guid network) => db.Query<Guid>($"SELECT DISTINCT node FROM network_ports WHERE network_id = {network} AND node IS NOT NULL ORDER BY node");

    /// <summary>Nodes with ports in a group.</summary>
    public Task<List<Guid>> WithGroup(Guid group) => db.Query<Guid>(
        $"SELECT DISTINCT p.node FROM network_ports p JOIN network_port_groups g ON g.port_id = p.id WHERE g.group_id = {group} AND p.node IS NOT NULL ORDER BY p.node");

    /// <summary>Nodes with ports in groups whose rules name a group.</summary>
    public Task<List<Guid>> WithMembers(Guid group) => db.Query<Guid>($"""
        SELECT DISTINCT p.node FROM network_ports p JOIN network_port_groups g ON g.port_id = p.id JOIN network_security_group_rules r ON r.security_group_id = g.group_id
        WHERE r.remote_group_id = {group} AND p.node IS NOT NULL ORDER BY p.node
        """);

    /// <summary>Addresses of a group's ports anywhere.</summary>
    public Task<List<string>> Members(Guid group) => db.Query<string>(
        $"SELECT DISTINCT a.address FROM network_addresses a JOIN network_port_groups g ON g.port_id = a.port_id WHERE g.group_id = {group} ORDER BY a.address");

    /// <summary>The node with the fewest of something; null when there is none.</summary>
    public Task<Guid?> Emptiest(string owner) => db.One<Guid?>($"""
        SELECT n.id FROM network_nodes n LEFT JOIN network_ports p ON p.node = n.id AND p.device_owner = {owner} GROUP BY n.id, n.seen_at, n.joined_at
        ORDER BY CASE WHEN n.seen_at > {db.Now - TimeSpan.FromSeconds(75)} THEN 0 ELSE 1 END, COUNT(p.id), n.joined_at, n.id LIMIT 1
        """);
}
