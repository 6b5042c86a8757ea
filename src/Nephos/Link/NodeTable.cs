using Nephos.Contracts.Link;
using Nephos.Kernel.Data;

namespace Nephos.Link;

/// <summary>The link's own rows.</summary>
sealed class LinkDb(Database database) : Db(database, "link");

/// <summary>Nodes that joined.</summary>
sealed class NodeTable(LinkDb db)
{
    /// <summary>The boot id last dealt with, or null for a node never seen.</summary>
    public Task<string?> BootId(Guid node) => db.One<string>($"SELECT boot_id FROM link_nodes WHERE id = {node}");

    /// <summary>Every node that ever joined, with its host's name.</summary>
    public Task<List<(Guid Node, string Host)>> All() => db.Query<(Guid, string)>($"SELECT id, host FROM link_nodes ORDER BY host, id");

    public Task Save(NodeHello hello) => db.Execute($"""
        INSERT INTO link_nodes (id, host, address, release, boot_id, joined_at) VALUES ({hello.Node}, {hello.Host}, {hello.Address}, {hello.Release}, {hello.BootId}, {db.Now})
        ON CONFLICT (id) DO UPDATE SET host = excluded.host, address = excluded.address, release = excluded.release, boot_id = excluded.boot_id, joined_at = excluded.joined_at
        """);
}
