using Nephos.Contracts;

namespace Nephos.Network.Networks;

/// <summary>What Compute's proxies ask.</summary>
internal sealed class NetworkCatalog(NetworkTable table, ProxyRules rules) : INetworkCatalog
{
    public async Task<IReadOnlyList<NetworkName>> List(Caller caller, CancellationToken ct) => (await table.Seen(rules.ViewerOf(caller))).ConvertAll(n => new NetworkName(n.Id, n.Name));

    public async Task<NetworkName?> Find(Caller caller, Guid id, CancellationToken ct) => await table.Find(id, rules.ViewerOf(caller)) is { } row ? new(row.Id, row.Name) : null;
}
