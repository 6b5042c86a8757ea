namespace Nephos.Contracts;

/// <summary>
/// What Compute may ask of Network. Reading takes lists of ids. Creating takes (id, epoch): an id deleted at an epoch stays refused for
/// that and lower epochs (<see cref="FaultKind.Conflict"/>, name <c>Gone</c>). Every call may be repeated.
/// </summary>
public interface INetworks
{
    /// <summary>Networks by id that the project may plug into (its own, shared, granted by RBAC); with an empty list all it may use without being asked (its own first, then shared; external only if its own).</summary>
    Task<IReadOnlyList<NetworkFacts>> Usable(string projectId, bool isAdmin, IReadOnlyList<Guid> ids, CancellationToken ct);

    /// <summary>The network that <c>auto</c> means for a project: its only usable one, or a topology made for it (get-me-a-network).</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Conflict"/> or <see cref="FaultKind.Invalid"/> with the reason.</exception>
    Task<NetworkFacts> Auto(string projectId, CancellationToken ct);

    /// <summary>Security groups of a project by id or name, in the order asked; unknown ones are left out. The default group is made if it is asked for and missing.</summary>
    Task<IReadOnlyList<GroupFacts>> SecurityGroups(string projectId, IReadOnlyList<string> namesOrIds, CancellationToken ct);

    /// <summary>Ports by id.</summary>
    Task<IReadOnlyList<PortFacts>> Ports(IReadOnlyList<Guid> ids, CancellationToken ct);

    /// <summary>Every port of the given devices (servers).</summary>
    Task<IReadOnlyList<PortFacts>> PortsOf(IReadOnlyList<Guid> devices, CancellationToken ct);

    /// <summary>Makes a port for a server, or finds the one made before, and binds it to the node.</summary>
    /// <exception cref="Fault">Quota, no addresses left, address in use, as the API would say.</exception>
    Task<PortFacts> EnsurePort(NewPort port, CancellationToken ct);

    /// <summary>Binds a user's own port to a server and its node.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Conflict"/> when another device has it.</exception>
    Task<PortFacts> Bind(Guid port, Guid device, string deviceOwner, Guid node, long epoch, CancellationToken ct);

    /// <summary>Takes a user's port off a server; the port stays.</summary>
    Task Unbind(Guid port, Guid device, CancellationToken ct);

    /// <summary>Deletes a port that <see cref="EnsurePort"/> made (or would have made), and leaves a tombstone with the epoch.</summary>
    Task DeletePort(Guid port, long epoch, CancellationToken ct);

    /// <summary>Replaces the security groups of a device's ports.</summary>
    Task SetGroups(Guid device, IReadOnlyList<Guid> add, IReadOnlyList<Guid> remove, CancellationToken ct);

    /// <summary>Adds an address of a network to a device's port on it, or takes an address away.</summary>
    Task ChangeAddress(Guid device, Guid? addFromNetwork, string? removeAddress, CancellationToken ct);

    /// <summary>Who has an address, seen from a DHCP namespace (network) or a router's namespace. Null: nobody.</summary>
    Task<PortFacts?> PortAt(Guid? network, Guid? router, string address, CancellationToken ct);

    /// <summary>Devices whose ports, addresses, groups or floating addresses changed after a number, oldest first, and the number to ask from next.</summary>
    Task<DeviceChanges> Changes(long after, CancellationToken ct);
}

/// <summary>A network, for choosing one.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="ProjectId">Owner.</param>
/// <param name="Shared">Usable by all.</param>
/// <param name="External">A way out; only its owner or an administrator plugs into it.</param>
/// <param name="PortSecurity">Default for its ports; without it servers with security groups are refused.</param>
/// <param name="Subnets">Number of subnets; a server needs one at least.</param>
/// <param name="Mtu">Bytes.</param>
public sealed record NetworkFacts(Guid Id, string Name, string ProjectId, bool Shared, bool External, bool PortSecurity, int Subnets, int Mtu);

/// <summary>A security group.</summary>
public sealed record GroupFacts(Guid Id, string Name);

/// <summary>A port as Compute sees it.</summary>
public sealed record PortFacts
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";
    /// <summary>Owner.</summary>
    public required string ProjectId { get; init; }
    /// <summary>Its network.</summary>
    public required Guid NetworkId { get; init; }
    /// <summary>The network's name, the key of a server's addresses.</summary>
    public required string NetworkName { get; init; }
    /// <summary>Hardware address.</summary>
    public required string Mac { get; init; }
    /// <summary>The server (or other device), or empty.</summary>
    public string DeviceId { get; init; } = "";
    /// <summary>What kind of device.</summary>
    public string DeviceOwner { get; init; } = "";
    /// <summary><c>ACTIVE</c>, <c>DOWN</c> ...</summary>
    public required string Status { get; init; }
    /// <summary><c>normal</c> unless asked otherwise.</summary>
    public string VnicType { get; init; } = "normal";
    /// <summary>Bytes.</summary>
    public required int Mtu { get; init; }
    /// <summary>Addresses with their subnets.</summary>
    public required IReadOnlyList<PortAddress> Addresses { get; init; }
    /// <summary>Security groups.</summary>
    public IReadOnlyList<GroupFacts> Groups { get; init; } = [];
    /// <summary>True when Compute made it and deletes it with the server; a user's own port stays.</summary>
    public bool MadeForServer { get; init; }
    /// <summary>DNS name of the port.</summary>
    public string DnsName { get; init; } = "";
}

/// <summary>One address of a port.</summary>
/// <param name="Address">The address.</param>
/// <param name="SubnetId">Its subnet.</param>
/// <param name="Cidr">The subnet's range.</param>
/// <param name="Gateway">The subnet's gateway, or null.</param>
/// <param name="Dns">The subnet's name servers.</param>
/// <param name="Routes">The subnet's host routes.</param>
/// <param name="Dhcp">True if the guest gets it by DHCP.</param>
/// <param name="Floating">Floating address in front of it, or null.</param>
public sealed record PortAddress(string Address, Guid SubnetId, string Cidr, string? Gateway, IReadOnlyList<string> Dns, IReadOnlyList<Drivers.StaticRoute> Routes, bool Dhcp, string? Floating);

/// <summary>A port to be made for a server.</summary>
public sealed record NewPort
{
    /// <summary>Chosen by the caller.</summary>
    public required Guid Id { get; init; }
    /// <summary>Epoch of the operation that asks.</summary>
    public required long Epoch { get; init; }
    /// <summary>Where.</summary>
    public required Guid Network { get; init; }
    /// <summary>Owner.</summary>
    public required string ProjectId { get; init; }
    /// <summary>The server.</summary>
    public required Guid Device { get; init; }
    /// <summary><c>compute:nova</c>: <c>compute:</c> and the availability zone.</summary>
    public required string DeviceOwner { get; init; }
    /// <summary>The node it is bound to.</summary>
    public required Guid Node { get; init; }
    /// <summary>A wanted address, or null.</summary>
    public string? Address { get; init; }
    /// <summary>Security groups; null: the project's default.</summary>
    public IReadOnlyList<Guid>? Groups { get; init; }
    /// <summary>DNS name, the server's host name.</summary>
    public string DnsName { get; init; } = "";
}

/// <summary>Devices that changed.</summary>
public sealed record DeviceChanges(IReadOnlyList<Guid> Devices, long Number);
