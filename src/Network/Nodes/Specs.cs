using Nephos.Contracts.Drivers;
using Nephos.Network.Addresses;
using Nephos.Network.FloatingIps;
using Nephos.Network.Networks;
using Nephos.Network.Ports;
using Nephos.Network.Routers;
using Nephos.Network.SecurityGroups;
using Nephos.Network.Subnets;

namespace Nephos.Network.Nodes;

/// <summary>What nodes are told, from rows: pure functions.</summary>
internal static class Specs
{
    /// <param name="peers">Underlay addresses of the other nodes that have the network.</param>
    public static NetworkSpec Network(NetworkRow row, IReadOnlyList<string> peers) => new()
    {
        Id = row.Id,
        Type = row.NetworkType,
        SegmentationId = (int?)row.SegmentationId,
        PhysicalNetwork = row.PhysicalNetwork,
        Mtu = row.Mtu,
        Peers = row.NetworkType is "vxlan" or "gre" ? peers : [],
    };

    public static PortSpec Port(PortRow row, NetworkRow network) => new()
    {
        Id = row.Id,
        Network = row.NetworkId,
        Device = DeviceNames.Tap(row.Id),
        Kind = row.IsOfNetwork ? PortKind.Namespace : PortKind.Guest,
        Mac = row.MacAddress,
        Addresses = [.. row.FixedIps.Select(f => f.IpAddress)],
        AdminUp = row.AdminStateUp && network.AdminStateUp,
        Security = row.PortSecurityEnabled && !row.IsOfNetwork,
        Groups = row.Groups,
        AllowedPairs = [.. row.AllowedAddressPairs.Select(p => new AllowedPair(p.IpAddress, p.MacAddress))],
        Mtu = network.Mtu,
    };

    public static GroupSpec Group(Guid id, IReadOnlyList<RuleRow> rules) => new(id, [.. rules.Select(rule => new GroupRule
    {
        Ingress = rule.Direction == "ingress",
        V6 = rule.Ethertype == "IPv6",
        Protocol = rule.Protocol is "ip" ? null : rule.Protocol,
        PortMin = rule.PortRangeMin,
        PortMax = rule.PortRangeMax,
        RemoteCidr = rule.NormalizedCidr,
        RemoteGroup = rule.RemoteGroupId,
    })]);

    /// <param name="network">The network.</param>
    /// <param name="port">The DHCP port, filled.</param>
    /// <param name="subnets">The network's.</param>
    /// <param name="ports">Every port of the network, filled.</param>
    /// <param name="routed">Subnets that a router stands in.</param>
    public static DhcpSpec Dhcp(NetworkRow network, PortRow port, IReadOnlyList<SubnetRow> subnets, IReadOnlyList<PortRow> ports, IReadOnlySet<Guid> routed)
    {
        var served = subnets.Where(s => s.EnableDhcp).ToDictionary(s => s.Id);
        return new()
        {
            Network = network.Id,
            Port = port.Id,
            Mac = port.MacAddress,
            Addresses = [.. port.FixedIps.Where(f => served.ContainsKey(f.SubnetId)).Select(f => $"{f.IpAddress}/{served[f.SubnetId].Range.Length}")],
            Mtu = network.Mtu,
            Domain = network.DnsDomain.Length > 0 ? network.DnsDomain.TrimEnd('.') : "openstacklocal",
            Subnets = [.. served.Values.OrderBy(s => s.CreatedAt).ThenBy(s => s.Id).Select(s => new DhcpSubnet(s.Id, s.Cidr, s.GatewayIp, s.DnsNameservers,
                [.. s.HostRoutes.Select(r => r.Route)], s.IpVersion == 6 ? s.Ipv6AddressMode ?? "" : null, routed.Contains(s.Id)))],
            Hosts = [.. from p in ports
                        where p.DeviceOwner is not ("network:dhcp" or "network:floatingip") && p.Id != port.Id
                        from f in p.FixedIps
                        where served.TryGetValue(f.SubnetId, out var subnet)
                        select new DhcpHost(p.MacAddress, f.IpAddress, HostName(p, f.IpAddress), f.SubnetId, Options(p, served[f.SubnetId].IpVersion))],
        };
    }

    /// <param name="row">The router, filled.</param>
    /// <param name="ports">Its interfaces and its gateway, filled.</param>
    /// <param name="networks">Their networks.</param>
    /// <param name="subnets">Their subnets.</param>
    /// <param name="floating">Floating IPs it carries.</param>
    public static RouterSpec Router(RouterRow row, IReadOnlyList<PortRow> ports, IReadOnlyDictionary<Guid, NetworkRow> networks, IReadOnlyDictionary<Guid, SubnetRow> subnets, IReadOnlyList<FloatingIpRow> floating)
    {
        var gateway = ports.FirstOrDefault(p => p.Id == row.GatewayPortId);
        return new()
        {
            Id = row.Id,
            AdminUp = row.AdminStateUp,
            Interfaces = [.. ports.Where(p => p.DeviceOwner == "network:router_interface").Select(p => new RouterInterface(p.Id, p.NetworkId, p.MacAddress, Sized(p, subnets), networks[p.NetworkId].Mtu, RaMode(p, subnets)))],
            Gateway = gateway is null ? null : new RouterGateway(gateway.Id, gateway.NetworkId, gateway.MacAddress, Sized(gateway, subnets), NextHops(gateway, subnets), row.EnableSnat, networks[gateway.NetworkId].Mtu),
            Floating = gateway is null ? [] : [.. floating.Where(f => f.FixedIpAddress is not null && f.FloatingNetworkId == gateway.NetworkId).Select(f => new FloatingAddress(f.Id, f.FloatingIpAddress, f.FixedIpAddress!))],
            Routes = [.. row.Routes.Select(r => r.Route)],
        };
    }

    /// <summary>The name a host gets by DHCP: its DNS name, or one made of its address.</summary>
    public static string HostName(PortRow port, string address) =>
        port.DnsName.Length > 0 ? port.DnsName.Split('.')[0] : "host-" + address.Replace('.', '-').Replace(':', '-');

    private static List<KeyValuePair<string, string>> Options(PortRow port, int version) =>
        [.. port.ExtraDhcpOpts.Where(o => o.IpVersion == version).Select(o => new KeyValuePair<string, string>(o.OptName, o.OptValue))];

    private static List<string> Sized(PortRow port, IReadOnlyDictionary<Guid, SubnetRow> subnets) => [.. port.FixedIps.Select(f => $"{f.IpAddress}/{subnets[f.SubnetId].Range.Length}")];

    private static string? RaMode(PortRow port, IReadOnlyDictionary<Guid, SubnetRow> subnets) => port.FixedIps.Select(f => subnets[f.SubnetId].Ipv6RaMode).FirstOrDefault(m => m is not null);

    private static List<string> NextHops(PortRow gateway, IReadOnlyDictionary<Guid, SubnetRow> subnets) =>
        [.. gateway.FixedIps.Select(f => subnets[f.SubnetId].GatewayIp).OfType<string>().DistinctBy(ip => Ip.Parse(ip).Version)];
}
