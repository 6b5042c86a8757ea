namespace Nephos.Drivers.LinuxBridge;

/// <summary>What the operator decides about the switch of a host.</summary>
public sealed record LinuxBridgeOptions
{
    /// <summary>Bridge of each physical network, <c>external</c> to <c>br-ex</c> for instance.</summary>
    public IReadOnlyDictionary<string, string> PhysicalNetworks { get; init; } = new Dictionary<string, string>();

    /// <summary>A bridge to make for the external range, or null when the operator has one.</summary>
    public ExternalRange? External { get; init; }

    /// <summary>Owner of the taps: the user guests run as.</summary>
    public int TapUser { get; init; } = 65534;

    /// <summary>This host's end of tunnels; null lets the kernel choose.</summary>
    public string? TunnelAddress { get; init; }

    /// <summary>UDP port of VXLAN, neutron's and the kernel's default.</summary>
    public int VxlanPort { get; init; } = 8472;

    /// <summary>MTU between hosts; null reads it from the device with <see cref="TunnelAddress"/>.</summary>
    public int? UnderlayMtu { get; init; }
}

/// <summary>The outside as seen from floating addresses, when this host is its gateway.</summary>
/// <param name="Bridge">Bridge to make.</param>
/// <param name="Cidr">The range, <c>172.24.4.0/24</c>.</param>
/// <param name="Gateway">This host's address in it.</param>
/// <param name="Masquerade">True: leaves this host with the host's address.</param>
public sealed record ExternalRange(string Bridge, string Cidr, string Gateway, bool Masquerade = true);
