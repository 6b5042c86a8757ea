namespace Nephos.Contracts;

/// <summary>
/// What Compute's oldest API may ask of Network about floating addresses: nova's proxies, as they were before clients asked Network
/// themselves. Network's own rules are asked about the caller (<see cref="FaultKind.Forbidden"/>).
/// </summary>
public interface IFloatingIps
{
    /// <summary>The external networks, oldest first.</summary>
    Task<IReadOnlyList<NetworkName>> Pools(CancellationToken ct);

    /// <summary>Every floating address of the caller's project.</summary>
    Task<IReadOnlyList<FloatingIpFacts>> List(Caller caller, CancellationToken ct);

    /// <summary>One by id; null if there is none that the caller may see.</summary>
    Task<FloatingIpFacts?> Find(Caller caller, Guid id, CancellationToken ct);

    /// <summary>Those with an address that the caller may see; pools may overlap.</summary>
    Task<IReadOnlyList<FloatingIpFacts>> At(Caller caller, string address, CancellationToken ct);

    /// <summary>Takes an address of a pool for the caller's project.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Conflict"/>: over quota (name <c>OverQuota</c>), or no address left.</exception>
    Task<FloatingIpFacts> Allocate(Caller caller, Guid pool, CancellationToken ct);

    /// <summary>Points it at an address of a port, or at nothing.</summary>
    /// <exception cref="Fault">As Network's API would say.</exception>
    Task Associate(Caller caller, Guid id, Guid? port, string? fixedAddress, CancellationToken ct);

    /// <summary>Gives it back; nothing happens if it is gone.</summary>
    Task Release(Caller caller, Guid id, CancellationToken ct);
}

/// <summary>A floating address.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Address">The address outside.</param>
/// <param name="Pool">Name of its external network, or the id of one without a name.</param>
/// <param name="FixedAddress">The address behind it, or null.</param>
/// <param name="DeviceId">The server (or other device) behind it, or null.</param>
public sealed record FloatingIpFacts(Guid Id, string Address, string Pool, string? FixedAddress, string? DeviceId);
