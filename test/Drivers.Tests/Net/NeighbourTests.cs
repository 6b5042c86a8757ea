using System.Diagnostics;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Xunit;
using static Nephos.Drivers.Tests.Net.NetHost;
using static Nephos.Drivers.Tests.Net.Specs;

namespace Nephos.Drivers.Tests.Net;

/// <summary>What is not ours stays as it is; what is ours goes without a trace; many ports do not slow one down.</summary>
public sealed class NeighbourTests
{
    [Fact]
    public async Task Removing_everything_leaves_the_host_as_it_was()
    {
        await using var site = await Site.Create();
        var before = await site.Host.World();
        NetworkSpec[] networks = [Network("vxlan", 42), Network("flat"), Network()];
        var group = OpenGroup();
        group = group with { Rules = [.. group.Rules, In(group: group.Id)] };
        var ports = networks.Select((n, i) => Port(n, $"10.0.{i}.5", group.Id)).ToArray();
        await site.Switch.Apply(new() { Networks = networks, Groups = [group], Members = [new(group.Id, ["10.0.0.5", "2001:db8::5"])], Ports = ports }, Ct);
        var router = new RouterSpec { Id = NewId.Uuid(), Interfaces = [Site.Inside(networks[0], "10.0.0.1/24", "2001:db8::1/64") with { RaMode = "slaac" }], Gateway = Site.Outside(networks[1], "172.24.4.10/24") };
        await site.Router.Apply(router, Ct);
        await site.Dhcp.Apply(Site.DhcpFor(networks[0], "10.0.0.0/24", "10.0.0.2/24", "10.0.0.1", onRouter: true, ports[0]), Ct);
        Child[] children = [site.Children.Find("dhcp").Values.Single(), site.Children.Find("router-ra").Values.Single()];
        Assert.NotEqual(before, await site.Host.World());

        await site.Dhcp.Remove(networks[0].Id, Ct);
        await site.Router.Remove(router.Id, Ct);
        // As a node that has just started: it knows nothing but what it sees.
        using var fresh = site.Host.Switch(Site.Options);
        await fresh.Clear(Ct);
        Assert.Equal(before, await site.Host.World());
        Assert.All(children, child => Assert.False(child.Alive));
        Assert.Empty(Directory.EnumerateFiles(site.Folders.Run, "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFiles(site.Folders.Marks));
        Assert.All((string[])[DeviceNames.RouterNamespace(router.Id), DeviceNames.DhcpNamespace(networks[0].Id)], name => Assert.False(File.Exists("/run/netns/" + name)));
    }

    [Fact]
    public async Task Foreign_devices_rules_and_namespaces_are_untouched_and_their_traffic_passes()
    {
        await using var host = await Create("ping");
        await using var world = await Create();
        await using var other = await Create();
        // Names as ours could be, with another cloud's mark or none.
        await host.Net.Ip(null, ["link add name brqaaaaaaaa-bb type bridge", "link set dev brqaaaaaaaa-bb up",
            $"link add name tapaaaaaaaa-01 type veth peer name eth0 netns {world.Name}", "link set dev tapaaaaaaaa-01 master brqaaaaaaaa-bb up",
            $"link add name tapaaaaaaaa-02 type veth peer name eth0 netns {other.Name}", "link set dev tapaaaaaaaa-02 master brqaaaaaaaa-bb up alias nephos:ffffffff:port:1"], Ct);
        await world.Net.Ip(null, ["address add 10.0.0.5/24 dev eth0", "link set dev eth0 up"], Ct);
        await other.Net.Ip(null, ["address add 10.0.0.6/24 dev eth0", "link set dev eth0 up"], Ct);
        await host.Net.Must(null, "iptables-restore", ["--noflush"], Ct, "*filter\n:neutron-linuxbri-FORWARD - [0:0]\n:nffff-forward - [0:0]\n-A FORWARD -j neutron-linuxbri-FORWARD\n-A FORWARD -j nffff-forward\nCOMMIT\n");
        await host.Net.Must(null, "ipset", ["create", "NIPv4foreign", "hash:net"], Ct);
        var before = await host.World();
        using (var bridges = host.Switch())
        {
            var network = Network();
            await bridges.Apply(new() { Networks = [network], Ports = [Port(network, "10.0.0.5")] }, Ct);
            var passes = false;
            for (var i = 0; i < 5 && !passes; i++) passes = (await world.Net.Run(null, "ping", ["-c", "1", "-W", "1", "10.0.0.6"], Ct)).Ok;
            Assert.True(passes);
            var state = await bridges.Observe(Ct);
            Assert.Equal((1, 0, 1), (state.Networks.Count, state.Groups.Count, state.Ports.Count));
            // An id whose device somebody else has.
            var taken = Guid.Parse("aaaaaaaa-03aa-4aaa-8aaa-aaaaaaaaaaaa");
            await host.Net.Ip(null, [$"link set dev tapaaaaaaaa-02 name {DeviceNames.Tap(taken)}"], Ct);
            var fault = await Assert.ThrowsAsync<Fault>(() => bridges.Apply(new() { Ports = [Port(network, "10.0.0.9") with { Id = taken, Device = DeviceNames.Tap(taken) }] }, Ct));
            Assert.Equal(FaultKind.Conflict, fault.Kind);
            await bridges.Apply(new() { PortsGone = [taken] }, Ct);
            await host.Net.Ip(null, [$"link set dev {DeviceNames.Tap(taken)} name tapaaaaaaaa-02"], Ct);
            await bridges.Clear(Ct);
        }
        Assert.Equal(before, await host.World());
    }

    [Fact]
    public async Task A_namespace_of_our_name_that_is_not_ours_is_left_alone()
    {
        await using var site = await Site.Create();
        var network = Network();
        await site.Switch.Apply(new() { Networks = [network] }, Ct);
        var router = NewId.Uuid();
        await site.Host.Net.Must(null, "ip", ["netns", "add", DeviceNames.RouterNamespace(router)], Ct);
        try
        {
            await Assert.ThrowsAsync<Fault>(() => site.Router.Apply(new() { Id = router, Interfaces = [] }, Ct));
            await site.Router.Remove(router, Ct);
            Assert.Empty(await site.Router.Observe(Ct));
            Assert.True(File.Exists("/run/netns/" + DeviceNames.RouterNamespace(router)));
        }
        finally { await site.Host.Net.Must(null, "ip", ["netns", "del", DeviceNames.RouterNamespace(router)], Ct); }
    }

    [Fact]
    public async Task A_crash_between_making_and_marking_is_repaired()
    {
        await using var site = await Site.Create();
        var network = Network();
        var port = Port(network, "10.0.0.5");
        await site.Host.Net.Ip(null, [$"link add name {DeviceNames.Bridge(network.Id)} type bridge", $"tuntap add dev {port.Device} mode tap"], Ct);
        await site.Switch.Apply(new() { Networks = [network], Ports = [port] }, Ct);
        Assert.Equal([port.Id], (await site.Switch.Observe(Ct)).Ports);
        var router = NewId.Uuid();
        Directory.CreateDirectory(site.Folders.Marks);
        await File.WriteAllTextAsync(Path.Combine(site.Folders.Marks, DeviceNames.RouterNamespace(router)), site.Host.Mark.Alias("router", router), Ct);
        await site.Host.Net.Must(null, "ip", ["netns", "add", DeviceNames.RouterNamespace(router)], Ct);
        await site.Router.Apply(new() { Id = router, Interfaces = [Site.Inside(network, "10.0.0.1/24")] }, Ct);
        Assert.Equal([router], await site.Router.Observe(Ct));
    }

    [Fact]
    public async Task Rules_that_somebody_flushed_are_back_after_the_next_look()
    {
        await using var host = await Create("ping");
        using var bridges = host.Switch();
        var network = Network();
        var group = OpenGroup();
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, _) = (await host.Plug(a), await host.Plug(b));
        await bridges.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b] }, Ct);
        var before = await host.World();
        foreach (var table in (string[])["filter", "mangle", "raw"]) await host.Net.Must(null, "iptables", ["-t", table, "-F"], Ct);
        await host.Net.Must(null, "ebtables", ["-t", "nat", "-F"], Ct);
        Assert.True(await guest.Reaches("10.0.0.6"), "flushed");
        await bridges.Observe(Ct);
        Assert.Equal(Sorted(before), Sorted(await host.World()));
        Assert.False(await guest.Ping("10.0.0.6"));

        static IEnumerable<string> Sorted(string world) => world.Split('\n').Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_rule_the_kernel_refuses_fails_its_change_and_no_later_one()
    {
        await using var host = await Create("ping");
        using var bridges = host.Switch();
        var network = Network();
        var group = OpenGroup(In("icmp"));
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, _) = (await host.Plug(a), await host.Plug(b));
        var bad = group with { Rules = [In("tcp", 1, 2, "10.0.0.0/77")] };
        await Assert.ThrowsAsync<CommandFailed>(() => bridges.Apply(new() { Networks = [network], Groups = [bad], Ports = [a, b] }, Ct));
        Assert.False(await guest.Ping("10.0.0.6"));
        await bridges.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6"));
        await Assert.ThrowsAsync<CommandFailed>(() => bridges.Apply(new() { Groups = [bad] }, Ct));
        Assert.True(await guest.Ping("10.0.0.6"), "what was there stays");
        await bridges.Apply(new() { Groups = [group with { Rules = [] }] }, Ct);
        Assert.False(await guest.Ping("10.0.0.6"));
    }

    [Fact]
    public async Task With_two_hundred_ports_one_more_costs_what_the_first_did_and_a_member_touches_no_rule()
    {
        await using var host = await Create();
        using var bridges = host.Switch();
        var network = Network();
        var group = OpenGroup();
        group = group with { Rules = [.. group.Rules, In(group: group.Id)] };
        await bridges.Apply(new() { Networks = [network], Groups = [group] }, Ct);
        var early = await Cost(0);
        for (var batch = 0; batch < 4; batch++)
            await bridges.Apply(new() { Ports = [.. Enumerable.Range(0, 50).Select(n => Port(network, $"10.0.{batch + 1}.{n + 1}", group.Id))] }, Ct);
        Assert.Equal(early, await Cost(5));

        var rules = await host.Net.Must(null, "iptables-save", ["-t", "filter"], Ct);
        var members = Enumerable.Range(1, 500).Select(n => $"10.1.{n / 250}.{n % 250 + 1}").ToList();
        await bridges.Apply(new() { Members = [new(group.Id, members)] }, Ct);
        var (_, lines) = await host.Cost(() => bridges.Apply(new() { Members = [new(group.Id, [.. members, "10.2.0.1"])] }, Ct));
        Assert.InRange(lines, 1, 3);
        Assert.Equal(Rules(rules), Rules(await host.Net.Must(null, "iptables-save", ["-t", "filter"], Ct)));

        Task<(int Commands, int Lines)> Cost(int third) => host.Cost(() => bridges.Apply(new() { Ports = [Port(network, $"10.0.{third}.1", group.Id)] }, Ct));

        static IEnumerable<string> Rules(string saved) => saved.Split('\n').Where(l => l.StartsWith("-A", StringComparison.Ordinal));
    }
}
