using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Network.FloatingIps;
using Nephos.Network.Ports;

namespace Nephos.Network.Nodes;

/// <summary>Turns what nodes report into states that users see: a port is ACTIVE when it is wired and, for guests, its network's DHCP knows it.</summary>
/// <remarks>The items tell their watchers, and these ask the items: hence looked up when first told something.</remarks>
internal sealed class NodeReports(NetworkDb db, IServiceProvider services) : INodeItemWatcher
{
    public string Service => db.Service;

    public async Task Seen(NodeItemRow row)
    {
        if (!row.Wanted || row.ObservedPresent != true || row.Error is not null || row.ObservedGeneration != row.Generation) return;
        if (row.Kind is not (NodeItemKinds.Port or NodeItemKinds.Dhcp or NodeItemKinds.Router)) return;
        var status = services.GetRequiredService<PortStatus>();
        await services.GetRequiredService<Changes>().Run(async change =>
        {
            switch (row.Kind)
            {
                case NodeItemKinds.Port:
                    await status.Wired(row.Node, row.Id, change);
                    break;
                case NodeItemKinds.Dhcp:
                    await status.Served(row.Id, change);
                    break;
                case NodeItemKinds.Router:
                    await status.Routed(row.Id, change);
                    break;
            }
        });
    }
}

/// <summary>When the status of a port, or of a floating IP, changes.</summary>
internal sealed class PortStatus(NodeItems<NetworkDb> items, PortTable ports, NodeTable nodes, FloatingIpTable floating)
{
    /// <summary>A node has wired a port.</summary>
    public async Task Wired(Guid node, Guid id, Change change)
    {
        if (await ports.Find(id) is not { } port || port.Node != node) return;
        if (!port.AdminStateUp)
        {
            await Set(port, "DOWN", change);
            return;
        }
        if (port.IsOfNetwork || await IsServed(port)) await Set(port, "ACTIVE", change);
    }

    /// <summary>A network's DHCP knows all its hosts: ports that are wired already come up.</summary>
    public async Task Served(Guid network, Change change)
    {
        foreach (var port in (await ports.OfNetwork(network)).Where(p => p is { Status: "DOWN", AdminStateUp: true, IsOfNetwork: false, Node: not null }))
            if (await IsApplied(port.Node!.Value, NodeItemKinds.Port, port.Id)) await Set(port, "ACTIVE", change);
    }

    /// <summary>A node has a router as it was ordered: floating IPs it carries come up, unless one of them is not in the order yet.</summary>
    public async Task Routed(Guid router, Change change)
    {
        if (await nodes.IsStale(Stale.Router, router)) return;
        foreach (var id in await floating.Activate(router))
            if (await ports.Find(id) is { } port) change.Device(port.DeviceId);
    }

    /// <summary>True when the node has carried out the order it has now.</summary>
    public async Task<bool> IsApplied(Guid node, string kind, Guid id) => await items.Find(node, kind, id) is { } row && Applied(row);

    private static bool Applied(NodeItemRow row) => row is { Wanted: true, ObservedPresent: true, Error: null } && row.ObservedGeneration == row.Generation;

    private async Task<bool> IsServed(PortRow port)
    {
        if (!await ports.NeedsDhcp(port.Id) || !await ports.AnyOn(port.NetworkId, "network:dhcp")) return true;
        // A change of the network's hosts that is not worked out yet is one the server does not know.
        if (await nodes.IsStale(Stale.Dhcp, port.NetworkId)) return false;
        return (await items.ById(NodeItemKinds.Dhcp, port.NetworkId)).Exists(Applied);
    }

    private async Task Set(PortRow port, string status, Change change)
    {
        if (await ports.SetStatus(port.Id, status)) change.Device(port.DeviceId);
    }
}
