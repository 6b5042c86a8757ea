namespace Nephos.Contracts.Drivers;

/// <summary>DHCP and DNS of a network: a namespace (<c>qdhcp-&lt;network&gt;</c>) with one address per subnet and a server for known hosts only.</summary>
public interface IDhcpServer
{
    /// <summary>Makes it so; a change of hosts alone reloads the server and drops no lease.</summary>
    Task Apply(DhcpSpec dhcp, CancellationToken ct);

    /// <summary>Ends the server and removes the namespace.</summary>
    Task Remove(Guid network, CancellationToken ct);

    /// <summary>Networks with a namespace of this cloud on this host, and whether their server lives.</summary>
    Task<IReadOnlyList<DhcpState>> Observe(CancellationToken ct);
}

/// <summary>A network's DHCP on this host.</summary>
public sealed record DhcpState(Guid Network, bool Alive);

/// <summary>DHCP of one network.</summary>
public sealed record DhcpSpec
{
    /// <summary>The network's id; its namespace is <c>qdhcp-&lt;id&gt;</c>.</summary>
    public required Guid Network { get; init; }
    /// <summary>The port of the namespace; its veth is <c>tap..</c> on the bridge and <c>ns-..</c> inside.</summary>
    public required Guid Port { get; init; }
    /// <summary>Hardware address of that port.</summary>
    public required string Mac { get; init; }
    /// <summary>Its addresses with prefix length.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
    /// <summary>Bytes; option 26.</summary>
    public required int Mtu { get; init; }
    /// <summary>DNS domain of the hosts.</summary>
    public string Domain { get; init; } = "openstacklocal";
    /// <summary>Subnets with DHCP on.</summary>
    public required IReadOnlyList<DhcpSubnet> Subnets { get; init; }
    /// <summary>Every port with an address in those subnets.</summary>
    public required IReadOnlyList<DhcpHost> Hosts { get; init; }
    /// <summary>True: 169.254.169.254 is an address of the namespace and option 121 routes to it.</summary>
    public bool Metadata { get; init; } = true;
}

/// <summary>A subnet for DHCP.</summary>
/// <param name="Id">The subnet's id; used as the tag of its options.</param>
/// <param name="Cidr">Range.</param>
/// <param name="Gateway">Default gateway, or null.</param>
/// <param name="Dns">Name servers; none means the server itself.</param>
/// <param name="Routes">Host routes; option 121.</param>
/// <param name="V6Mode">For IPv6: <c>slaac</c>, <c>dhcpv6-stateful</c>, <c>dhcpv6-stateless</c>; null for IPv4.</param>
/// <param name="OnRouter">True when a router has an interface in it; then that router answers for 169.254.169.254.</param>
public sealed record DhcpSubnet(Guid Id, string Cidr, string? Gateway, IReadOnlyList<string> Dns, IReadOnlyList<StaticRoute> Routes, string? V6Mode, bool OnRouter);

/// <summary>A host that may ask.</summary>
/// <param name="Mac">Hardware address.</param>
/// <param name="Address">Address it gets.</param>
/// <param name="Name">Host name without domain.</param>
/// <param name="Subnet">The subnet of the address.</param>
/// <param name="Options">Extra DHCP options (<c>extra_dhcp_opts</c>): name and value.</param>
public sealed record DhcpHost(string Mac, string Address, string Name, Guid Subnet, IReadOnlyList<KeyValuePair<string, string>> Options);
