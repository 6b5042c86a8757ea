namespace Nephos.Contracts;

/// <summary>What other services may ask of Compute.</summary>
public interface IServers
{
    /// <summary>Something about these servers' ports changed; look again soon. May be lost: Compute also reads <see cref="INetworks.Changes"/>.</summary>
    Task PortsChanged(IReadOnlyList<Guid> servers, CancellationToken ct);

    /// <summary>The metadata service's answer to a server for one path (EC2 and OpenStack trees).</summary>
    Task<Link.MetadataReply> Metadata(PortFacts port, Link.MetadataRequest request, CancellationToken ct);

    /// <summary>Availability zones of nodes, for Network's zones.</summary>
    Task<IReadOnlyList<string>> Zones(CancellationToken ct);
}
