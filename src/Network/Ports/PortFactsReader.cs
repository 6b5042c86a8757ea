using Nephos.Contracts;
using Nephos.Network.FloatingIps;
using Nephos.Network.Networks;
using Nephos.Network.SecurityGroups;
using Nephos.Network.Subnets;

namespace Nephos.Network.Ports;

/// <summary>Ports as Compute sees them: five statements, however many ports.</summary>
internal sealed class PortFactsReader(PortTable ports, NetworkTable networks, SubnetTable subnets, GroupTable groups, FloatingIpTable floating)
{
    public async Task<List<PortFacts>> Of(IReadOnlyList<PortRow> rows)
    {
        if (rows.Count == 0) return [];
        await ports.Fill(rows);
        var nets = (await networks.Get([.. rows.Select(r => r.NetworkId).Distinct()])).ToDictionary(n => n.Id);
        var ranges = (await subnets.Get([.. rows.SelectMany(r => r.FixedIps).Select(f => f.SubnetId).Distinct()])).ToDictionary(s => s.Id);
        var names = (await groups.Get([.. rows.SelectMany(r => r.Groups).Distinct()])).ToDictionary(g => g.Id, g => new GroupFacts(g.Id, g.Name));
        var floats = (await floating.OfPorts([.. rows.Select(r => r.Id)])).ToLookup(f => (f.PortId, f.FixedIpAddress), f => f.FloatingIpAddress);
        return [.. rows.Select(row => new PortFacts
        {
            Id = row.Id,
            Name = row.Name,
            ProjectId = row.ProjectId,
            NetworkId = row.NetworkId,
            NetworkName = nets[row.NetworkId].Name,
            Mac = row.MacAddress,
            DeviceId = row.DeviceId,
            DeviceOwner = row.DeviceOwner,
            Status = row.Status,
            VnicType = row.VnicType,
            Mtu = nets[row.NetworkId].Mtu,
            Addresses = [.. row.FixedIps.Select(f => Address(ranges[f.SubnetId], f.IpAddress, floats[(row.Id, f.IpAddress)].FirstOrDefault()))],
            Groups = [.. row.Groups.Select(g => names[g])],
            MadeForServer = row.MadeForServer,
            DnsName = row.DnsName,
        })];
    }

    private static PortAddress Address(SubnetRow subnet, string address, string? floating) =>
        new(address, subnet.Id, subnet.Cidr, subnet.GatewayIp, subnet.DnsNameservers, [.. subnet.HostRoutes.Select(r => r.Route)], subnet.EnableDhcp, floating);
}
