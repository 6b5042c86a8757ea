using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Testing;

namespace Nephos.Network.Tests;

/// <summary>What a first server needs, from the API to the orders for the node and back.</summary>
public sealed class FirstServerTests
{
    [Theory, OnEachDatabase]
    public async Task A_server_gets_a_port_a_router_and_a_floating_address_and_all_of_it_goes_again(DatabaseKind kind)
    {
        await using var cloud = await NetworkCloud.Start(kind);
        var node = await cloud.Join();
        var (external, _) = await cloud.External();
        var (network, subnet) = await cloud.NetworkWith(NetworkCloud.Demo);
        var router = await cloud.Router(NetworkCloud.Demo, external, subnet);
        var server = NewId.Uuid();
        var port = await cloud.Contract.EnsurePort(new NewPort { Id = NewId.Uuid(), Epoch = 1, Network = Guid.Parse(network), ProjectId = "demo", Device = server, DeviceOwner = "compute:nova", Node = node, DnsName = "vm" }, default);
        Assert.Equal("DOWN", port.Status);
        Assert.Equal("default", Assert.Single(port.Groups).Name);
        await cloud.Obey(node);

        port = Assert.Single(await cloud.Contract.PortsOf([server], default));
        Assert.Equal("ACTIVE", port.Status);
        var floating = await cloud.Ok(NetworkCloud.Demo, "POST", "v2.0/floatingips", new { floatingip = new { floating_network_id = external, port_id = port.Id } });
        await cloud.Obey(node);
        var shown = await cloud.Ok(NetworkCloud.Demo, "GET", $"v2.0/floatingips/{floating["floatingip"]!["id"]}");
        Assert.Equal("ACTIVE", (string?)shown["floatingip"]!["status"]);
        Assert.Equal(router, (string?)shown["floatingip"]!["router_id"]);
        Assert.Equal((string?)shown["floatingip"]!["floating_ip_address"], (await cloud.Contract.Ports([port.Id], default))[0].Addresses[0].Floating);

        var spec = (await cloud.Items.Find(node, NodeItemKinds.Router, Guid.Parse(router)))!.SpecAs<RouterSpec>()!;
        Assert.Equal("10.0.0.1/24", Assert.Single(Assert.Single(spec.Interfaces).Addresses));
        Assert.True(spec.Gateway!.Snat);
        Assert.Equal(port.Addresses[0].Address, Assert.Single(spec.Floating).Fixed);
        var dhcp = (await cloud.Items.Find(node, NodeItemKinds.Dhcp, Guid.Parse(network)))!.SpecAs<DhcpSpec>()!;
        Assert.Contains(dhcp.Hosts, h => h.Mac == port.Mac && h.Name == "vm");
        Assert.True(Assert.Single(dhcp.Subnets).OnRouter);
        Assert.Equal(server.ToString(), (await cloud.Contract.PortAt(null, Guid.Parse(router), port.Addresses[0].Address, default))!.DeviceId);
        Assert.Equal(server.ToString(), (await cloud.Contract.PortAt(Guid.Parse(network), null, port.Addresses[0].Address, default))!.DeviceId);
        Assert.Contains(server, (await cloud.Contract.Changes(0, default)).Devices);

        await cloud.Ok(NetworkCloud.Demo, "DELETE", $"v2.0/floatingips/{floating["floatingip"]!["id"]}");
        await cloud.Contract.DeletePort(port.Id, 2, default);
        await cloud.Ok(NetworkCloud.Demo, "PUT", $"v2.0/routers/{router}/remove_router_interface", new { subnet_id = subnet });
        await cloud.Ok(NetworkCloud.Demo, "DELETE", $"v2.0/routers/{router}");
        await cloud.Ok(NetworkCloud.Demo, "DELETE", $"v2.0/networks/{network}");
        await cloud.Obey(node);
        var (left, _) = await cloud.Items.Changes(node, 0);
        Assert.DoesNotContain(left, i => i.Wanted);
    }

    [Theory, OnEachDatabase]
    public async Task A_router_advertises_where_the_subnet_says_so(DatabaseKind kind)
    {
        await using var cloud = await NetworkCloud.Start(kind);
        var node = await cloud.Join();
        var network = await cloud.Create(NetworkCloud.Demo, "network", new { name = "six" });
        var subnet = await cloud.Create(NetworkCloud.Demo, "subnet", new { network_id = network, cidr = "2001:db8::/64", ip_version = 6, ipv6_ra_mode = "slaac", ipv6_address_mode = "slaac" });
        var router = await cloud.Create(NetworkCloud.Demo, "router", new { name = "r" });
        await cloud.Ok(NetworkCloud.Demo, "PUT", $"v2.0/routers/{router}/add_router_interface", new { subnet_id = subnet });
        await cloud.Contract.EnsurePort(new NewPort { Id = NewId.Uuid(), Epoch = 1, Network = Guid.Parse(network), ProjectId = "demo", Device = NewId.Uuid(), DeviceOwner = "compute:nova", Node = node, DnsName = "vm" }, default);
        await cloud.Obey(node);
        Assert.Equal("slaac", Assert.Single((await cloud.Items.Find(node, NodeItemKinds.Router, Guid.Parse(router)))!.SpecAs<RouterSpec>()!.Interfaces).RaMode);
    }

    [Theory, OnEachDatabase]
    public async Task A_floating_address_is_up_when_the_node_has_it_and_not_before(DatabaseKind kind)
    {
        await using var cloud = await NetworkCloud.Start(kind);
        var node = await cloud.Join();
        var (external, _) = await cloud.External();
        var (network, subnet) = await cloud.NetworkWith(NetworkCloud.Demo);
        var router = await cloud.Router(NetworkCloud.Demo, external, subnet);
        var port = await cloud.Create(NetworkCloud.Demo, "port", new { network_id = network });
        await cloud.Obey(node);
        var floating = await cloud.Create(NetworkCloud.Demo, "floatingip", new { floating_network_id = external, port_id = port });
        // The node repeats what it said of the order before this one.
        var order = (await cloud.Items.Find(node, NodeItemKinds.Router, Guid.Parse(router)))!;
        await cloud.Items.Observe(node, [new(order.Kind, order.Id, order.Generation, true)]);
        Assert.Equal("DOWN", await Status());
        await cloud.Obey(node);
        Assert.Equal("ACTIVE", await Status());

        // Both before the orders are worked out: the order stays what it was, and the node has nothing new to say.
        await Point(null);
        await Point(port);
        Assert.Equal("DOWN", await Status());
        await cloud.Settle();
        Assert.Equal("ACTIVE", await Status());

        async Task<string?> Status() => (string?)(await cloud.Ok(NetworkCloud.Demo, "GET", $"v2.0/floatingips/{floating}"))["floatingip"]!["status"];
        Task<JsonNode> Point(string? to) => cloud.Ok(NetworkCloud.Demo, "PUT", $"v2.0/floatingips/{floating}", new { floatingip = new { port_id = to } });
    }

    [Theory, OnEachDatabase]
    public async Task Many_changes_of_one_network_are_worked_out_as_one(DatabaseKind kind)
    {
        await using var cloud = await NetworkCloud.Start(kind);
        var node = await cloud.Join();
        var (network, _) = await cloud.NetworkWith(NetworkCloud.Demo);
        await cloud.Obey(node);
        var before = (await cloud.Items.Find(node, NodeItemKinds.Dhcp, Guid.Parse(network)))!.Generation;
        for (var i = 0; i < 5; i++) await cloud.Create(NetworkCloud.Demo, "port", new { network_id = network });
        await cloud.Settle();
        var order = (await cloud.Items.Find(node, NodeItemKinds.Dhcp, Guid.Parse(network)))!;
        Assert.Equal((before + 1, 5), (order.Generation, order.SpecAs<DhcpSpec>()!.Hosts.Count));
    }

    [Fact]
    public async Task A_change_does_not_wait_for_orders_nor_they_for_it()
    {
        Assert.SkipWhen(PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        await using var cloud = await NetworkCloud.Start(DatabaseKind.Postgres);
        var node = await cloud.Join();
        var (network, _) = await cloud.NetworkWith(NetworkCloud.Demo);
        await cloud.Obey(node);
        // Leaves marks like those of the next one.
        await cloud.Create(NetworkCloud.Demo, "port", new { network_id = network });
        var mac = await cloud.Services.GetRequiredService<NetworkDb>().InTransaction(async () =>
        {
            var port = await cloud.Contract.EnsurePort(new NewPort { Id = NewId.Uuid(), Epoch = 1, Network = Guid.Parse(network), ProjectId = "demo", Device = NewId.Uuid(), DeviceOwner = "compute:nova", Node = node }, default);
            var work = Task.CompletedTask;
            using (ExecutionContext.SuppressFlow()) work = Task.Run(cloud.Settle);
            await work;
            return port.Mac;
        });
        Assert.DoesNotContain(await Hosts(), h => h.Mac == mac);
        await cloud.Settle();
        Assert.Contains(await Hosts(), h => h.Mac == mac);

        async Task<IReadOnlyList<DhcpHost>> Hosts() => (await cloud.Items.Find(node, NodeItemKinds.Dhcp, Guid.Parse(network)))!.SpecAs<DhcpSpec>()!.Hosts;
    }
}
