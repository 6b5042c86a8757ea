using Nephos.Network.FloatingIps;
using Nephos.Network.Nodes;

namespace Nephos.Network.Ports;

/// <summary>Removes ports with all that hangs on them.</summary>
internal sealed class PortDeletion(PortTable ports, FloatingIpTable floating)
{
    public async Task Delete(PortRow port, Change change)
    {
        var groups = await ports.GroupsOf(port.Id);
        await Disassociate(port, null, change);
        await ports.Delete(port.Id);
        change.Port(port.Id, port.NetworkId, port.DeviceId, groups);
    }

    /// <summary>Floating addresses in front of addresses that the port no longer has.</summary>
    public async Task DropFloating(PortRow port, Change change)
    {
        var now = port with { };
        await ports.Fill([now]);
        await Disassociate(port, [.. now.FixedIps.Select(f => f.IpAddress)], change);
    }

    private async Task Disassociate(PortRow port, HashSet<string>? kept, Change change)
    {
        foreach (var ip in await floating.OfPort(port.Id))
        {
            if (kept is not null && kept.Contains(ip.FixedIpAddress ?? "")) continue;
            await floating.Associate(ip.Id, null, null, null);
            if (ip.RouterId is { } router) change.Mark(Stale.Router, router);
            change.Device(port.DeviceId);
        }
    }
}
