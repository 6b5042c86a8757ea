using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Fake;
using Xunit;
using static Nephos.Drivers.Tests.Net.Specs;

namespace Nephos.Drivers.Tests.Net;

/// <summary>What every router and every DHCP server promises.</summary>
public abstract class NamespaceContracts
{
    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Runs the body with a host on which the networks exist.</summary>
    private protected abstract Task With(NetworkSpec[] networks, Func<IRouter, IDhcpServer, Task> body);

    [Fact]
    public async Task A_router_is_observed_until_it_is_removed_and_both_may_be_repeated()
    {
        NetworkSpec[] networks = [Network(), Network("flat")];
        await With(networks, async (routers, _) =>
        {
            var router = new RouterSpec { Id = NewId.Uuid(), Interfaces = [Site.Inside(networks[0], "10.0.0.1/24")], Gateway = Site.Outside(networks[1], "172.24.4.10/24"), Floating = [new(NewId.Uuid(), "172.24.4.20", "10.0.0.5")] };
            Assert.Empty(await routers.Observe(Ct));
            for (var i = 0; i < 2; i++) await routers.Apply(router, Ct);
            await routers.Apply(router with { Gateway = null, Interfaces = [], Floating = [] }, Ct);
            await routers.Apply(router, Ct);
            Assert.Equal([router.Id], await routers.Observe(Ct));
            for (var i = 0; i < 2; i++) await routers.Remove(router.Id, Ct);
            Assert.Empty(await routers.Observe(Ct));
        });
    }

    [Fact]
    public async Task A_server_is_observed_until_it_is_removed_and_both_may_be_repeated()
    {
        var network = Network();
        await With([network], async (_, servers) =>
        {
            var dhcp = Site.DhcpFor(network, "10.0.0.0/24", "10.0.0.2/24", "10.0.0.1", onRouter: true);
            Assert.Empty(await servers.Observe(Ct));
            for (var i = 0; i < 2; i++) await servers.Apply(dhcp, Ct);
            Assert.Equal([new DhcpState(network.Id, true)], await servers.Observe(Ct));
            for (var i = 0; i < 2; i++) await servers.Remove(network.Id, Ct);
            Assert.Empty(await servers.Observe(Ct));
        });
    }
}

public sealed class FakeNamespaceContracts : NamespaceContracts
{
    private protected override Task With(NetworkSpec[] networks, Func<IRouter, IDhcpServer, Task> body) => body(new FakeRouter(), new FakeDhcpServer());
}

public sealed class RealNamespaceContracts : NamespaceContracts
{
    private protected override async Task With(NetworkSpec[] networks, Func<IRouter, IDhcpServer, Task> body)
    {
        await using var site = await Site.Create();
        await site.Switch.Apply(new() { Networks = networks }, Ct);
        await body(site.Router, site.Dhcp);
    }
}
