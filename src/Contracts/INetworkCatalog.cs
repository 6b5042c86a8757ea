namespace Nephos.Contracts;

/// <summary>What Compute's oldest API may ask of Network about networks: nova's proxies, as they were before clients asked Network themselves.</summary>
public interface INetworkCatalog
{
    /// <summary>Every network that the caller may see, oldest first.</summary>
    Task<IReadOnlyList<NetworkName>> List(Caller caller, CancellationToken ct);

    /// <summary>One by id; null if there is none that the caller may see.</summary>
    Task<NetworkName?> Find(Caller caller, Guid id, CancellationToken ct);
}

/// <summary>A network by its id and name; the name may be empty.</summary>
public sealed record NetworkName(Guid Id, string Name);
