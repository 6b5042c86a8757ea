namespace Nephos.Drivers.Dnsmasq;

/// <summary>What the operator decides about DHCP.</summary>
public sealed record DnsmasqOptions
{
    /// <summary>Time a lease lasts.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Leases of one network at most.</summary>
    public int MaxLeases { get; init; } = 16_777_216;

    /// <summary>Name servers that answer what the networks' own do not know.</summary>
    public IReadOnlyList<string> Forwarders { get; init; } = [];
}
