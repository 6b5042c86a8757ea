using Nephos.Contracts;
using Nephos.Network.Addresses;
using Nephos.Network.Networks;
using Nephos.Network.Ports;
using Nephos.Network.Routers;
using Nephos.Network.Subnets;

namespace Nephos.Network.Nodes;

/// <summary>Chooses nodes for DHCP and routers, and keeps the ports that live there.</summary>
internal sealed class Placing(NetworkDb db, NodeTable nodes, NetworkTable networks, SubnetTable subnets, PortTable ports, RouterTable routers, Allocation allocation, AddressTable addresses)
{
    /// <summary>A network with DHCP on has one DHCP port, on a node, with an address in every such subnet.</summary>
    public async Task Dhcp(Guid id)
    {
        if (await networks.Find(id) is not { } network) return;
        var served = (await subnets.OfNetwork(id)).FindAll(s => s.EnableDhcp);
        var own = (await ports.OfNetwork(id)).Find(p => p.DeviceOwner == "network:dhcp");
        if (served.Count == 0 || !network.AdminStateUp)
        {
            // What an administrator placed by hand stays placed, with nothing to serve yet.
            if (own is not null && served.Count == 0 && !network.DhcpByHand) await Drop(own);
            else if (own is not null && served.Count == 0) await Addresses(own, served);
            return;
        }
        if (own is null)
        {
            if (network.DhcpByHand || await nodes.Emptiest("network:dhcp") is not { } node) return;
            own = await Make(network, node);
        }
        await Addresses(own, served);
    }

    /// <summary>A router with something to do is on a node.</summary>
    public async Task Router(Guid id)
    {
        if (await routers.Find(id) is not { } row) return;
        var node = row.Node;
        if (node is null)
        {
            var busy = (await ports.OfDevices([id.ToString()])).Count > 0;
            if (!busy || row.ByHand || await nodes.Emptiest("network:router_interface") is not { } chosen) return;
            node = chosen;
            await routers.SetNode(id, node, byHand: false);
        }
        await MoveRouterPorts(id, node);
    }

    /// <summary>Ports of a router go where it goes.</summary>
    public async Task MoveRouterPorts(Guid router, Guid? node)
    {
        await routers.MovePorts(router, node, node is { } there ? await ports.HostOf(there) : "");
        foreach (var port in await ports.OfDevices([router.ToString()]))
        {
            await nodes.Mark(Stale.Port, port.Id);
            await nodes.Mark(Stale.Network, port.NetworkId);
        }
    }

    /// <summary>The DHCP port of a network on a node.</summary>
    public async Task<PortRow> Make(NetworkRow network, Guid node)
    {
        var now = db.Now;
        var port = await ports.Insert(new PortRow(NewId.Uuid(), network.ProjectId, network.Id, "", "", true, "DOWN", MacAddress.Random(), $"dhcp{node}-{network.Id}", "network:dhcp", node,
            await ports.HostOf(node), "normal", System.Text.Json.JsonDocument.Parse("{}").RootElement, false, [], [], "", "", false, 0, now, now, 1), false);
        await nodes.Mark(Stale.Port, port.Id);
        await nodes.Mark(Stale.Network, network.Id);
        return port;
    }

    private async Task Addresses(PortRow port, List<SubnetRow> served)
    {
        await ports.Fill([port]);
        var changed = false;
        foreach (var old in port.FixedIps.Where(f => !served.Exists(s => s.Id == f.SubnetId)))
        {
            await addresses.Release(port.Id, old.SubnetId, old.IpAddress);
            changed = true;
        }
        foreach (var subnet in served.Where(s => !port.FixedIps.Any(f => f.SubnetId == s.Id)))
        {
            // A full subnet has no room for its own DHCP: guests there have addresses already, and this comes back with the next change.
            changed |= subnet.IsAuto ? await addresses.Take(subnet, MacAddress.Eui64(subnet.Range, port.MacAddress), port.Id, 0) : await allocation.TakeFree(port, subnet, 0);
        }
        if (changed) await nodes.Mark(Stale.Port, port.Id);
    }

    private async Task Drop(PortRow port)
    {
        await ports.Delete(port.Id);
        await nodes.Mark(Stale.Port, port.Id);
        await nodes.Mark(Stale.Network, port.NetworkId);
    }
}
