using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Testing;
using static Nephos.Network.Tests.NetworkCloud;

namespace Nephos.Network.Tests;

/// <summary>What Compute's proxies ask of Network.</summary>
public sealed class ProxyTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static async Task<Caller> Of(NetworkCloud cloud, string token) => (await cloud.Services.GetRequiredService<ITokens>().Validate(token, None))!;

    [Theory, OnEachDatabase]
    public async Task Floating_addresses_are_the_callers_own_and_obey_Networks_rules(DatabaseKind kind)
    {
        await using var cloud = await NetworkCloud.Start(kind);
        var floating = cloud.Services.GetRequiredService<IFloatingIps>();
        var (demo, other, reader, admin) = (await Of(cloud, Demo), await Of(cloud, Other), await Of(cloud, Reader), await Of(cloud, Admin));
        var (external, _) = await cloud.External();
        var (network, subnet) = await cloud.NetworkWith(Demo);
        var router = await cloud.Router(Demo, external, subnet);
        var port = Guid.Parse(await cloud.Create(Demo, "port", new { network_id = network, device_id = "vm" }));
        var address = (await cloud.Contract.Ports([port], None))[0].Addresses[0].Address;

        var pool = Assert.Single(await floating.Pools(None));
        Assert.Equal((external, "public"), (pool.Id.ToString(), pool.Name));
        var made = await floating.Allocate(demo, pool.Id, None);
        Assert.Equal(("public", null, null), (made.Pool, made.FixedAddress, made.DeviceId));
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => floating.Allocate(reader, pool.Id, None))).Kind);
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => floating.Associate(reader, made.Id, port, null, None))).Kind);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => floating.Associate(other, made.Id, port, null, None))).Kind);
        await floating.Associate(demo, made.Id, port, address, None);
        var shown = (await floating.Find(demo, made.Id, None))!;
        Assert.Equal((address, "vm"), (shown.FixedAddress, shown.DeviceId));
        Assert.Equal(shown, Assert.Single(await floating.List(demo, None)));
        Assert.Equal(shown, Assert.Single(await floating.At(admin, made.Address, None)));
        Assert.Empty(await floating.At(other, made.Address, None));
        Assert.Empty(await floating.List(other, None));
        Assert.Null(await floating.Find(other, made.Id, None));
        var second = await floating.Allocate(demo, pool.Id, None);
        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => floating.Associate(demo, second.Id, port, address, None))).Kind);
        await floating.Associate(demo, made.Id, null, null, None);
        Assert.Null((await floating.Find(demo, made.Id, None))!.DeviceId);

        await cloud.Ok(Admin, "PUT", "v2.0/quotas/demo", new { quota = new { floatingip = 2 } });
        Assert.Equal("OverQuota", (await Assert.ThrowsAsync<Fault>(() => floating.Allocate(demo, pool.Id, None))).Name);
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => floating.Release(reader, made.Id, None))).Kind);
        await floating.Release(other, made.Id, None);
        await floating.Release(demo, made.Id, None);
        await floating.Release(demo, made.Id, None);
        Assert.Equal(second.Id, Assert.Single(await floating.List(demo, None)).Id);
    }

    [Theory, OnEachDatabase]
    public async Task Networks_are_those_the_caller_may_see(DatabaseKind kind)
    {
        await using var cloud = await NetworkCloud.Start(kind);
        var catalog = cloud.Services.GetRequiredService<INetworkCatalog>();
        var (external, _) = await cloud.External();
        var (network, _) = await cloud.NetworkWith(Demo);
        Assert.Equal([external, network], (await catalog.List(await Of(cloud, Demo), None)).Select(n => n.Id.ToString()));
        Assert.Equal([external], (await catalog.List(await Of(cloud, Other), None)).Select(n => n.Id.ToString()));
        Assert.Equal(2, (await catalog.List(await Of(cloud, Admin), None)).Count);
        Assert.Equal("net", (await catalog.Find(await Of(cloud, Demo), Guid.Parse(network), None))!.Name);
        Assert.Null(await catalog.Find(await Of(cloud, Other), Guid.Parse(network), None));
    }

    [Theory, OnEachDatabase]
    public async Task Security_groups_over_quota_are_a_fault_and_readers_change_nothing(DatabaseKind kind)
    {
        await using var cloud = await NetworkCloud.Start(kind);
        var groups = cloud.Services.GetRequiredService<ISecurityGroups>();
        var (demo, reader) = (await Of(cloud, Demo), await Of(cloud, Reader));
        var standard = Assert.Single(await groups.List(demo, false, None));
        await cloud.Ok(Admin, "PUT", "v2.0/quotas/demo", new { quota = new { security_group = 1, security_group_rule = standard.Rules.Count } });
        Assert.Equal("OverQuota", (await Assert.ThrowsAsync<Fault>(() => groups.Create(demo, "web", "", None))).Name);
        var rule = new NewIngressRule(standard.Id, "IPv4", "tcp", 22, 22, null, null);
        Assert.Equal("OverQuota", (await Assert.ThrowsAsync<Fault>(() => groups.AddRule(demo, rule, None))).Name);
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => groups.AddRule(reader, rule, None))).Kind);
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => groups.DeleteRule(reader, standard.Rules[0].Id, None))).Kind);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(async () => await groups.Update(await Of(cloud, Other), standard.Id, "x", "", None))).Kind);
    }
}
