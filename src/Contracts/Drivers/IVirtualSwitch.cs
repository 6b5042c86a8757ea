namespace Nephos.Contracts.Drivers;

/// <summary>
/// Layer 2 of this host: a bridge per network, a tap or a veth end per port, security groups on them. Items are small and
/// come one by one, so the cost of a change does not grow with the ports on the host. Every verb may be repeated.
/// </summary>
public interface IVirtualSwitch
{
    /// <summary>What this host can do.</summary>
    Task<SwitchFacts> Facts(CancellationToken ct);

    /// <summary>Makes the given things so, in the order networks, groups, members, ports; then removes what is listed as gone, in the opposite order.</summary>
    Task Apply(SwitchChange change, CancellationToken ct);

    /// <summary>Every link, set and chain on this host that carries this cloud's mark, by the id it stands for.</summary>
    Task<SwitchState> Observe(CancellationToken ct);
}

/// <summary>What a switch driver offers.</summary>
/// <param name="Agent">neutron's agent binary: <c>neutron-linuxbridge-agent</c> or <c>neutron-openvswitch-agent</c>.</param>
/// <param name="VifType"><c>bridge</c> or <c>ovs</c>, shown as <c>binding:vif_type</c>.</param>
/// <param name="NetworkTypes">Of <c>local</c>, <c>flat</c>, <c>vlan</c>, <c>vxlan</c>, <c>gre</c>.</param>
/// <param name="Mtu">Of the underlay, bytes.</param>
public sealed record SwitchFacts(string Agent, string VifType, IReadOnlyList<string> NetworkTypes, int Mtu);

/// <summary>Changes to make in one go.</summary>
public sealed record SwitchChange
{
    /// <summary>Networks to make so.</summary>
    public IReadOnlyList<NetworkSpec> Networks { get; init; } = [];
    /// <summary>Groups whose rules are new.</summary>
    public IReadOnlyList<GroupSpec> Groups { get; init; } = [];
    /// <summary>Groups whose members are new.</summary>
    public IReadOnlyList<GroupMembersSpec> Members { get; init; } = [];
    /// <summary>Ports to make so.</summary>
    public IReadOnlyList<PortSpec> Ports { get; init; } = [];
    /// <summary>Ports that are gone.</summary>
    public IReadOnlyList<Guid> PortsGone { get; init; } = [];
    /// <summary>Groups that no port of this host uses any more.</summary>
    public IReadOnlyList<Guid> GroupsGone { get; init; } = [];
    /// <summary>Networks that no port of this host uses any more.</summary>
    public IReadOnlyList<Guid> NetworksGone { get; init; } = [];
}

/// <summary>What is on the host now.</summary>
/// <param name="Networks">By id, as are the others.</param>
/// <param name="Groups">With rules or members.</param>
/// <param name="Ports">Of guests.</param>
/// <param name="Damaged">Somebody took away a device that was made and is wanted: what is wanted has to be applied again.</param>
public sealed record SwitchState(IReadOnlyList<Guid> Networks, IReadOnlyList<Guid> Groups, IReadOnlyList<Guid> Ports, bool Damaged = false);

/// <summary>A network on this host.</summary>
public sealed record NetworkSpec
{
    /// <summary>The network's id.</summary>
    public required Guid Id { get; init; }
    /// <summary><c>local</c>, <c>flat</c>, <c>vlan</c>, <c>vxlan</c> or <c>gre</c>.</summary>
    public required string Type { get; init; }
    /// <summary>VNI, VLAN id or key; null for local and flat.</summary>
    public int? SegmentationId { get; init; }
    /// <summary>For flat and vlan: the physical network's name; the host maps it to a bridge.</summary>
    public string? PhysicalNetwork { get; init; }
    /// <summary>Bytes, computed once by the controller.</summary>
    public required int Mtu { get; init; }
    /// <summary>Underlay addresses of the other hosts with ports of this network (vxlan, gre).</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];
}

/// <summary>What a port is for; it decides which device is made.</summary>
public enum PortKind
{
    /// <summary>A tap for a guest, with security groups and anti-spoofing.</summary>
    Guest,
    /// <summary>One end of a veth whose other end lives in a namespace (DHCP, router); the driver of that namespace makes it.</summary>
    Namespace,
}

/// <summary>A port on this host.</summary>
public sealed record PortSpec
{
    /// <summary>The port's id.</summary>
    public required Guid Id { get; init; }
    /// <summary>Its network; sent in the same or an earlier change.</summary>
    public required Guid Network { get; init; }
    /// <summary><c>tap</c> and the first 11 characters of the id.</summary>
    public required string Device { get; init; }
    /// <summary>What to make.</summary>
    public PortKind Kind { get; init; } = PortKind.Guest;
    /// <summary>Hardware address.</summary>
    public required string Mac { get; init; }
    /// <summary>Addresses without prefix length, IPv4 and IPv6.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
    /// <summary>False: no traffic at all.</summary>
    public bool AdminUp { get; init; } = true;
    /// <summary>False: no groups and no anti-spoofing (<c>port_security_enabled</c>).</summary>
    public bool Security { get; init; } = true;
    /// <summary>Security groups, any number; none means default deny.</summary>
    public IReadOnlyList<Guid> Groups { get; init; } = [];
    /// <summary>Other source addresses it may use.</summary>
    public IReadOnlyList<AllowedPair> AllowedPairs { get; init; } = [];
    /// <summary>Bytes.</summary>
    public required int Mtu { get; init; }
}

/// <summary>A source a port may use besides its own.</summary>
/// <param name="Address">Address or CIDR.</param>
/// <param name="Mac">Hardware address.</param>
public sealed record AllowedPair(string Address, string Mac);

/// <summary>A security group's rules.</summary>
/// <param name="Id">The group's id.</param>
/// <param name="Rules">Each allows; the rest is refused.</param>
public sealed record GroupSpec(Guid Id, IReadOnlyList<GroupRule> Rules);

/// <summary>One rule that allows traffic, stateful.</summary>
public sealed record GroupRule
{
    /// <summary>True for traffic to the guest.</summary>
    public required bool Ingress { get; init; }
    /// <summary>True for IPv6.</summary>
    public required bool V6 { get; init; }
    /// <summary>A protocol's name or number as neutron stores it, or null for all.</summary>
    public string? Protocol { get; init; }
    /// <summary>First port, or ICMP type; null for all.</summary>
    public int? PortMin { get; init; }
    /// <summary>Last port, or ICMP code; null for all.</summary>
    public int? PortMax { get; init; }
    /// <summary>The other side as a CIDR, or null.</summary>
    public string? RemoteCidr { get; init; }
    /// <summary>The other side as the members of a group, or null. Its members are sent as well.</summary>
    public Guid? RemoteGroup { get; init; }
}

/// <summary>Addresses of a group's ports anywhere in the cloud.</summary>
public sealed record GroupMembersSpec(Guid Group, IReadOnlyList<string> Addresses);
