namespace Nephos.Contracts.Drivers;

/// <summary>Virtual routers: a namespace each (<c>qrouter-&lt;id&gt;</c>) with interfaces, source NAT, floating addresses and extra routes. The switch has the networks already.</summary>
public interface IRouter
{
    /// <summary>Makes a router so; changes only what differs.</summary>
    Task Apply(RouterSpec router, CancellationToken ct);

    /// <summary>Removes the namespace and all in it; nothing left succeeds.</summary>
    Task Remove(Guid router, CancellationToken ct);

    /// <summary>Routers of this cloud on this host.</summary>
    Task<IReadOnlyList<Guid>> Observe(CancellationToken ct);
}

/// <summary>A router on this host.</summary>
public sealed record RouterSpec
{
    /// <summary>The router's id; its namespace is <c>qrouter-&lt;id&gt;</c>.</summary>
    public required Guid Id { get; init; }
    /// <summary>False: interfaces are down.</summary>
    public bool AdminUp { get; init; } = true;
    /// <summary>Inside interfaces.</summary>
    public required IReadOnlyList<RouterInterface> Interfaces { get; init; }
    /// <summary>The way out, or null.</summary>
    public RouterGateway? Gateway { get; init; }
    /// <summary>One-to-one addresses.</summary>
    public IReadOnlyList<FloatingAddress> Floating { get; init; } = [];
    /// <summary>Routes besides those of the interfaces.</summary>
    public IReadOnlyList<StaticRoute> Routes { get; init; } = [];
}

/// <summary>One interface of a router: a veth from the network's bridge (<c>tap..</c>) into the namespace (<c>qr-..</c>).</summary>
/// <param name="Port">The port's id; devices are cut from it.</param>
/// <param name="Network">The network it is on.</param>
/// <param name="Mac">Hardware address.</param>
/// <param name="Addresses">With prefix length: <c>10.0.0.1/24</c>.</param>
/// <param name="Mtu">Bytes.</param>
/// <param name="RaMode">Router advertisements on it: <c>slaac</c>, <c>dhcpv6-stateful</c>, <c>dhcpv6-stateless</c> (the subnet's <c>ipv6_ra_mode</c>); null for none.</param>
public sealed record RouterInterface(Guid Port, Guid Network, string Mac, IReadOnlyList<string> Addresses, int Mtu, string? RaMode = null);

/// <summary>A router's way out (<c>qg-..</c>).</summary>
/// <param name="Port">The port's id.</param>
/// <param name="Network">The external network.</param>
/// <param name="Mac">Hardware address.</param>
/// <param name="Addresses">With prefix length.</param>
/// <param name="NextHops">Default gateways, one per family at most.</param>
/// <param name="Snat">True: inside addresses leave with the first IPv4 address of <paramref name="Addresses"/>.</param>
/// <param name="Mtu">Bytes.</param>
public sealed record RouterGateway(Guid Port, Guid Network, string Mac, IReadOnlyList<string> Addresses, IReadOnlyList<string> NextHops, bool Snat, int Mtu);

/// <summary>One-to-one NAT.</summary>
public sealed record FloatingAddress(Guid Id, string Floating, string Fixed);

/// <summary>A route.</summary>
/// <param name="Destination">CIDR.</param>
/// <param name="NextHop">Address.</param>
public sealed record StaticRoute(string Destination, string NextHop);
