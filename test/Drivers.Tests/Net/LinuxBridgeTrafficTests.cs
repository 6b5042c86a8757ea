using Nephos.Contracts.Drivers;
using Xunit;
using static Nephos.Drivers.Tests.Net.NetHost;
using static Nephos.Drivers.Tests.Net.Specs;

namespace Nephos.Drivers.Tests.Net;

/// <summary>Real frames between namespaces that play guests.</summary>
public sealed class LinuxBridgeTrafficTests
{
    // One ICMP identifier is one connection, for the half minute that the kernel remembers it.
    static readonly string[] SameConnection = ["-e", "4711"];

    [Fact]
    public async Task Two_ports_ping_when_a_rule_allows_it_and_not_before()
    {
        await using var host = await Create("ping");
        using var bridges = host.Switch();
        var network = Network();
        var group = OpenGroup();
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, _) = (await host.Plug(a), await host.Plug(b));
        await bridges.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b] }, Ct);
        Assert.False(await guest.Ping("10.0.0.6"), "default deny");
        await bridges.Apply(new() { Groups = [group with { Rules = [.. group.Rules, In("icmp")] }] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6"), "allowed");
        Assert.True(await guest.Reaches("10.0.0.6", "-M", "do", "-s", "1422"), "1450 bytes fit");
        Assert.False(await guest.Ping("10.0.0.6", "-M", "do", "-s", "1423"), "1451 do not");
    }

    [Fact]
    public async Task A_rule_taken_away_also_ends_the_connections_it_allowed()
    {
        await using var host = await Create("ping");
        using var bridges = host.Switch();
        var network = Network();
        var group = OpenGroup(In("icmp"));
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, _) = (await host.Plug(a), await host.Plug(b));
        await bridges.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6", SameConnection));
        await bridges.Apply(new() { Groups = [group with { Rules = [Out(false)] }] }, Ct);
        Assert.False(await guest.Ping("10.0.0.6", SameConnection));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rights_taken_while_the_node_was_away_end_their_connections_when_it_is_back(bool byRule)
    {
        await using var host = await Create("ping");
        using var before = host.Switch();
        var network = Network();
        var group = OpenGroup(In("icmp"));
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, _) = (await host.Plug(a), await host.Plug(b));
        await before.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6", SameConnection));
        using var after = host.Switch();
        if (byRule) await after.Apply(new() { Networks = [network], Groups = [group with { Rules = [Out(false)] }], Ports = [a, b] }, Ct);
        else await after.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b with { Groups = [] }] }, Ct);
        Assert.False(await guest.Ping("10.0.0.6", SameConnection));
    }

    [Fact]
    public async Task Members_of_a_remote_group_may_pass_and_only_they()
    {
        await using var host = await Create("ping");
        using var bridges = host.Switch();
        var network = Network();
        var friends = OpenGroup();
        var group = OpenGroup(In(group: friends.Id));
        var (a, b, c) = (Port(network, "10.0.0.5", friends.Id), Port(network, "10.0.0.6", group.Id), Port(network, "10.0.0.7", friends.Id));
        var (guest, other) = (await host.Plug(a), await host.Plug(c));
        await host.Plug(b);
        await bridges.Apply(new() { Networks = [network], Groups = [group, friends], Members = [new(friends.Id, ["10.0.0.5"])], Ports = [a, b, c] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6"));
        Assert.False(await other.Ping("10.0.0.6"));
        await bridges.Apply(new() { Members = [new(friends.Id, ["10.0.0.7"])] }, Ct);
        Assert.False(await guest.Ping("10.0.0.6"));
        Assert.True(await other.Reaches("10.0.0.6"));
    }

    [Fact]
    public async Task A_guest_cannot_use_an_address_that_is_not_its_own()
    {
        await using var host = await Create("ping", "arping");
        using var bridges = host.Switch();
        var network = Network();
        var group = OpenGroup(In());
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, peer) = (await host.Plug(a), await host.Plug(b));
        await bridges.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b] }, Ct);
        await guest.Run("ip", "address", "add", "10.0.0.9/24", "dev", "eth0");
        await peer.Run("ip", "neigh", "replace", "10.0.0.9", "lladdr", a.Mac, "dev", "eth0");
        Assert.True(await guest.Reaches("10.0.0.6"));
        Assert.False(await guest.Ping("10.0.0.6", "-I", "10.0.0.9"), "spoofed IP");
        await peer.Run("ip", "neigh", "flush", "all");
        Assert.False((await guest.Run("arping", "-c", "1", "-w", "1", "-I", "eth0", "-s", "10.0.0.9", "10.0.0.6")).Ok, "spoofed ARP");
        await bridges.Apply(new() { Ports = [a with { AllowedPairs = [new("10.0.0.9", a.Mac)] }] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6", "-I", "10.0.0.9"), "allowed pair");
        await guest.Run("ip", "link", "set", "eth0", "address", "fa:16:3e:aa:aa:aa");
        Assert.False(await guest.Ping("10.0.0.6"), "spoofed MAC");
    }

    [Fact]
    public async Task Port_security_off_passes_everything_and_admin_down_nothing()
    {
        await using var host = await Create("ping");
        using var bridges = host.Switch();
        var network = Network();
        var (a, b) = (Port(network, "10.0.0.5") with { Security = false }, Port(network, "10.0.0.6") with { Security = false });
        var (guest, _) = (await host.Plug(a), await host.Plug(b));
        await bridges.Apply(new() { Networks = [network], Ports = [a, b] }, Ct);
        await guest.Run("ip", "address", "add", "10.0.0.9/24", "dev", "eth0");
        Assert.True(await guest.Reaches("10.0.0.6", "-I", "10.0.0.9"));
        await bridges.Apply(new() { Ports = [a with { AdminUp = false }] }, Ct);
        Assert.False(await guest.Ping("10.0.0.6"));
        await bridges.Apply(new() { Ports = [a] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6"));
        await bridges.Apply(new() { Ports = [b with { Security = true }] }, Ct);
        Assert.False(await guest.Ping("10.0.0.6"));
    }

    [Fact]
    public async Task Networks_with_the_same_addresses_do_not_see_each_other_and_keep_connections_apart()
    {
        await using var host = await Create("ping");
        using var bridges = host.Switch();
        NetworkSpec[] networks = [Network(), Network()];
        var group = OpenGroup(In("icmp"));
        var ports = networks.SelectMany(n => (PortSpec[])[Port(n, "10.0.0.5", group.Id), Port(n, "10.0.0.6", group.Id)]).ToArray();
        var guests = new List<Guest>();
        foreach (var port in ports) guests.Add(await host.Plug(port));
        await bridges.Apply(new() { Networks = networks, Groups = [group], Ports = ports }, Ct);
        Assert.True(await guests[0].Reaches("10.0.0.6"));
        Assert.True(await guests[2].Reaches("10.0.0.6"));
        var zones = (await host.Net.Must(null, "conntrack", ["-L"], Ct)).Split('\n').Where(l => l.Contains("10.0.0.6"))
            .Select(l => l.Split("zone=")[1].Split(' ')[0]).Distinct();
        Assert.Equal(2, zones.Count());
        await bridges.Apply(new() { PortsGone = [ports[1].Id] }, Ct);
        Assert.False(await guests[0].Ping("10.0.0.6"));
        Assert.True(await guests[2].Reaches("10.0.0.6"));
    }

    [Fact]
    public async Task The_host_is_not_reachable_from_a_network()
    {
        await using var host = await Create("ping", "arping");
        using var bridges = host.Switch();
        var network = Network();
        var group = OpenGroup();
        var a = Port(network, "10.0.0.5", group.Id);
        var guest = await host.Plug(a);
        await host.Net.Ip(null, ["address add 192.0.2.1/32 dev lo"], Ct);
        await bridges.Apply(new() { Networks = [network], Groups = [group], Ports = [a] }, Ct);
        var mac = (await host.Net.Links(null, [DeviceNames.Bridge(network.Id)], Ct)).Values.Single().Address;
        await guest.Run("ip", "route", "add", "192.0.2.1", "dev", "eth0");
        Assert.False((await guest.Run("arping", "-c", "1", "-w", "1", "-I", "eth0", "192.0.2.1")).Ok);
        await guest.Run("ip", "neigh", "replace", "192.0.2.1", "lladdr", mac, "dev", "eth0");
        await host.Net.Ip(null, ["route add 10.0.0.0/24 dev " + DeviceNames.Bridge(network.Id)], Ct);
        Assert.False(await guest.Ping("192.0.2.1"));
        Assert.Empty(await host.Net.Must(null, "ip", ["-6", "address", "show", "dev", DeviceNames.Bridge(network.Id)], Ct));
    }

    [Fact]
    public async Task Neighbours_speak_IPv6_with_rules_for_it()
    {
        await using var host = await Create("ping");
        using var bridges = host.Switch();
        var network = Network();
        var group = OpenGroup(In("ipv6-icmp", v6: true));
        var (a, b) = (Port(network, "2001:db8::5", group.Id), Port(network, "2001:db8::6"));
        var (guest, other) = (await host.Plug(a), await host.Plug(b));
        await bridges.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b with { Groups = [group.Id] }] }, Ct);
        Assert.True(await guest.Reaches("2001:db8::6"));
        await guest.Run("ip", "address", "add", "2001:db8::9/64", "dev", "eth0", "nodad");
        Assert.False(await guest.Ping("2001:db8::6", "-I", "2001:db8::9"));
        await bridges.Apply(new() { Ports = [b with { Groups = [] }] }, Ct);
        Assert.False(await guest.Ping("2001:db8::6"));
    }

    [Fact]
    public async Task Two_hosts_share_a_network_through_vxlan()
    {
        await using var one = await Create("ping", "bridge");
        await using var two = await Create();
        await one.Net.Ip(null, [$"link add name under mtu 1600 type veth peer name under mtu 1600 netns {two.Name}", "address add 192.0.2.1/24 dev under", "link set under up"], Ct);
        await two.Net.Ip(null, ["address add 192.0.2.2/24 dev under", "link set under up"], Ct);
        using var first = one.Switch(new() { TunnelAddress = "192.0.2.1" });
        using var second = two.Switch(new() { TunnelAddress = "192.0.2.2" });
        var network = Network("vxlan", 77);
        var group = OpenGroup(In("icmp"));
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, _) = (await one.Plug(a), await two.Plug(b));
        await first.Apply(new() { Networks = [network with { Peers = ["192.0.2.2"] }], Groups = [group], Ports = [a] }, Ct);
        await second.Apply(new() { Networks = [network with { Peers = ["192.0.2.1", "192.0.2.9"] }], Groups = [group], Ports = [b] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6", "-M", "do", "-s", "1422"));
        Assert.Equal(1600, (await first.Facts(Ct)).Mtu);
        await first.Apply(new() { Networks = [network] }, Ct);
        await second.Apply(new() { Networks = [network] }, Ct);
        await guest.Run("ip", "neigh", "flush", "all");
        await one.Net.Must(null, "bridge", ["fdb", "flush", "dev", "vxlan-77"], Ct);
        Assert.DoesNotContain("dst 192", await one.Net.Must(null, "bridge", ["fdb", "show", "dev", "vxlan-77"], Ct));
    }

    [Fact]
    public async Task A_restarted_node_finds_everything_and_no_packet_is_lost_meanwhile()
    {
        await using var host = await Create("ping");
        using var before = host.Switch();
        var network = Network();
        var group = OpenGroup();
        group = group with { Rules = [.. group.Rules, In("icmp", group: group.Id)] };
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, _) = (await host.Plug(a), await host.Plug(b));
        var all = new SwitchChange { Networks = [network], Groups = [group], Members = [new(group.Id, ["10.0.0.5", "10.0.0.6"])], Ports = [a, b] };
        await before.Apply(all, Ct);
        Assert.True(await guest.Reaches("10.0.0.6"));
        var world = await host.World();
        var pinging = guest.Run("ping", "-c", "100", "-i", "0.01", "-W", "1", "10.0.0.6");
        using var after = host.Switch();
        for (var i = 0; i < 3; i++) await after.Apply(all, Ct);
        Assert.Contains(" 0% packet loss", (await pinging).Out);
        Assert.Equal(world, await host.World());
        // And it goes on from there: what the first one made is taken away by the second.
        await after.Apply(new() { Groups = [group with { Rules = [] }], Members = [new(group.Id, [])] }, Ct);
        Assert.False(await guest.Ping("10.0.0.6"));
    }

    [Fact]
    public async Task Two_clouds_on_one_host_with_a_strict_firewall_both_work_and_one_may_leave()
    {
        await using var host = await Create("ping");
        await host.Net.Must(null, "iptables-restore", ["--noflush"], Ct, "*filter\n:FORWARD DROP [0:0]\n:INPUT DROP [0:0]\nCOMMIT\n");
        var network = Network();
        var group = OpenGroup(In("icmp"));
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var (guest, _) = (await host.Plug(a), await host.Plug(b));
        using var first = host.Switch();
        await first.Apply(new() { Networks = [network], Groups = [group], Ports = [a, b] }, Ct);

        var mark = new OwnerMark(Nephos.Contracts.NewId.Hex()[..8]);
        using var second = new LinuxBridge.LinuxBridgeSwitch(new(), mark, host.Net, Microsoft.Extensions.Logging.Abstractions.NullLogger<LinuxBridge.LinuxBridgeSwitch>.Instance);
        var network2 = Network();
        var (c, d) = (Port(network2, "10.0.0.5", group.Id), Port(network2, "10.0.0.6", group.Id));
        var (guest2, _) = (await host.Plug(c), await host.Plug(d));
        foreach (var port in (PortSpec[])[c, d]) await host.Net.Ip(null, [$"link set dev {port.Device} alias {mark.Alias("port", port.Id)}"], Ct);
        await second.Apply(new() { Networks = [network2], Groups = [group], Ports = [c, d] }, Ct);
        Assert.True(await guest.Reaches("10.0.0.6"));
        Assert.True(await guest2.Reaches("10.0.0.6"));
        await guest2.Run("ip", "address", "add", "10.0.0.9/24", "dev", "eth0");
        Assert.False(await guest2.Ping("10.0.0.6", "-I", "10.0.0.9"), "spoofed, behind the first cloud's chains");
        await second.Clear(Ct);
        Assert.True(await guest.Ping("10.0.0.6"));
        Assert.Equal([a.Id, b.Id], (await first.Observe(Ct)).Ports.OrderBy(id => id == b.Id));
    }

    [Fact]
    public async Task A_user_without_rights_opens_the_tap_made_for_him_and_nobody_else_does()
    {
        await using var host = await Create("setpriv", "python3");
        using var bridges = host.Switch(new() { TapUser = 65534 });
        var network = Network();
        var port = Port(network, "10.0.0.5");
        await bridges.Apply(new() { Networks = [network], Ports = [port] }, Ct);
        // TUNSETIFF with the flags QEMU uses: tap, no packet information, virtio header.
        var open = $"import fcntl,struct;f=open('/dev/net/tun','r+b',buffering=0);fcntl.ioctl(f,0x400454ca,struct.pack('16sH','{port.Device}'.encode(),0x5002))";
        var opened = await host.Net.Run(null, "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set=-all", "/usr/bin/python3", "-c", open], Ct);
        Assert.True(opened.Ok, opened.Error);
        Assert.False((await host.Net.Run(null, "setpriv", ["--reuid", "65533", "--regid", "65533", "--clear-groups", "--bounding-set=-all", "/usr/bin/python3", "-c", open], Ct)).Ok);
    }
}
