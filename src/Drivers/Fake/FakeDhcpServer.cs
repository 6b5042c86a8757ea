using System.Collections.Concurrent;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Fake;

/// <summary>DHCP servers that are only remembered.</summary>
public sealed class FakeDhcpServer : IDhcpServer
{
    readonly ConcurrentDictionary<Guid, DhcpSpec> servers = new();
    readonly ConcurrentDictionary<Guid, bool> dead = new();

    public IReadOnlyDictionary<Guid, DhcpSpec> Servers => servers;

    /// <summary>Ends a server as a crash would; the next Apply starts it again.</summary>
    public void Crash(Guid network) => dead[network] = true;

    public Task Apply(DhcpSpec dhcp, CancellationToken ct)
    {
        servers[dhcp.Network] = dhcp;
        dead.TryRemove(dhcp.Network, out _);
        return Task.CompletedTask;
    }

    public Task Remove(Guid network, CancellationToken ct)
    {
        servers.TryRemove(network, out _);
        dead.TryRemove(network, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<DhcpState>> Observe(CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<DhcpState>>([.. servers.Keys.Select(n => new DhcpState(n, !dead.ContainsKey(n)))]);
}
