using Nephos.Contracts.Link;
using Nephos.Network.Nodes;

namespace Nephos.Network.Agents;

/// <summary>Nodes as Network knows them: their agents, and work that waited for one.</summary>
internal sealed class NodeVisits(NetworkDb db, NodeTable nodes, AgentTable agents, NodeSync sync) : INodeListener
{
    public async Task Joined(NodeHello hello, bool hostRebooted, CancellationToken ct)
    {
        await db.InTransaction(async () =>
        {
            var known = await nodes.Find(hello.Node);
            await nodes.Save(new(hello.Node, hello.Host, hello.Address, hello.Switch.Agent, hello.Switch.VifType, [.. hello.Switch.NetworkTypes], hello.Switch.Mtu, db.Now, db.Now));
            var (kind, name) = hello.Switch.Agent == "neutron-openvswitch-agent" ? ("Open vSwitch agent", "neutron-openvswitch-agent") : ("Linux bridge agent", "neutron-linuxbridge-agent");
            await agents.Save(hello.Node, hello.Host, kind, name, "N/A");
            await agents.Save(hello.Node, hello.Host, "DHCP agent", "neutron-dhcp-agent", "dhcp_agent");
            await agents.Save(hello.Node, hello.Host, "L3 agent", "neutron-l3-agent", "l3_agent");
            await agents.Save(hello.Node, hello.Host, "Metadata agent", "neutron-metadata-agent", "N/A");
            if (known is null || known.Address != hello.Address) await nodes.MarkAll();
        });
        sync.Nudge();
    }

    public Task Seen(Guid node, CancellationToken ct) => db.InTransaction(() => nodes.Seen(node));
}
