using Nephos.Contracts;
using Nephos.Network.Addresses;
using Nephos.Network.Attributes;
using Nephos.Network.FloatingIps;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;
using Nephos.Network.Subnets;

namespace Nephos.Network.Routers;

/// <summary>Sets and clears a router's way out.</summary>
internal sealed class RouterGateways(NetworkDb db, RouterTable table, NetworkTable networks, PortTable ports, SubnetTable subnets, Allocation allocation, PortDeletion deletion, FloatingIpTable floating)
{
    public async Task<RouterRow> Set(RouterRow row, WantedGateway wanted, Viewer viewer, Change change)
    {
        var network = await networks.Find(wanted.Network, viewer) ?? throw Errors.NetworkNotFound(wanted.Network);
        if (!network.External) throw Errors.BadOperation("router", $"Network {network.Id} is not an external network");
        await table.Fill([row]);
        var old = row.GatewayPortId is { } port ? await ports.Find(port) : null;
        if (old is not null && old.NetworkId != network.Id)
        {
            row = await Clear(row, change);
            old = null;
        }
        row = row with { EnableSnat = wanted.Snat ?? true };
        if (old is null) row = await Plug(row, network, wanted, change);
        else if (wanted.Ips is { } ips)
        {
            await ports.Fill([old]);
            await allocation.Reallocate(old, ips);
            change.Port(old.Id, old.NetworkId, "", []);
        }
        await table.Update(row);
        await table.Fill([row]);
        change.Mark(Stale.Router, row.Id);
        return row;
    }

    public async Task<RouterRow> Clear(RouterRow row, Change change)
    {
        if (row.GatewayPortId is not { } id || await ports.Find(id) is not { } port) return row;
        if ((await floating.OfRouter(row.Id)).Exists(f => f.FloatingNetworkId == port.NetworkId)) throw Errors.GatewayNeeded(row.Id, port.NetworkId);
        row = row with { GatewayPortId = null };
        await table.Update(row);
        await deletion.Delete(port, change);
        change.Mark(Stale.Router, row.Id);
        return row;
    }

    private async Task<RouterRow> Plug(RouterRow row, NetworkRow network, WantedGateway wanted, Change change)
    {
        var outside = await subnets.OfNetwork(network.Id);
        await RefuseOverlap(row, outside);
        var now = db.Now;
        var port = await ports.Insert(new PortRow(NewId.Uuid(), "", network.Id, "", "", true, "DOWN", MacAddress.Random(), row.Id.ToString(), "network:router_gateway", row.Node,
            row.Node is { } node ? await ports.HostOf(node) : "", "normal", System.Text.Json.JsonDocument.Parse("{}").RootElement, false, [], [], "", "", false, 0, now, now, 1), false);
        try { await allocation.Allocate(port, wanted.Ips); }
        catch (Fault e) when (e.Name == "IpAddressGenerationFailure") { throw Errors.NoExternalAddresses(network.Id); }
        catch (Fault e) when (e.Name == "IpAddressAlreadyAllocated" && wanted.Ips is [{ IpAddress: { } taken }, ..]) { throw Errors.AddressInUse(taken, network.Id); }
        change.Port(port.Id, network.Id, "", []);
        return row with { GatewayPortId = port.Id };
    }

    private async Task RefuseOverlap(RouterRow row, List<SubnetRow> outside)
    {
        var inside = await subnets.Get([.. (await table.Subnets(row.Id)).Select(s => s.Subnet)]);
        foreach (var a in inside)
            foreach (var b in outside)
                if (a.Range.Overlaps(b.Range)) throw Errors.BadOperation("router", $"Cidr {b.Cidr} of subnet {b.Id} overlaps with cidr {a.Cidr} of subnet {a.Id}");
    }
}
