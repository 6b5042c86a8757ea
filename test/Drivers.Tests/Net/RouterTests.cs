using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Xunit;
using static Nephos.Drivers.Tests.Net.NetHost;
using static Nephos.Drivers.Tests.Net.Specs;

namespace Nephos.Drivers.Tests.Net;

/// <summary>Real packets through routers: between networks, out, and in by floating addresses.</summary>
public sealed class RouterTests
{
    [Fact]
    public async Task Guests_reach_out_by_the_routers_address_and_are_reached_by_floating_ones()
    {
        await using var site = await Site.Create();
        var (inside, outside) = (Network(), Network("flat"));
        var group = OpenGroup(In("icmp"));
        var (a, b) = (Port(inside, "10.0.0.5", group.Id), Port(inside, "10.0.0.6", group.Id));
        var (guest, other) = (await site.Host.Plug(a, gateway: "10.0.0.1"), await site.Host.Plug(b, gateway: "10.0.0.1"));
        await site.Switch.Apply(new() { Networks = [inside, outside], Groups = [group], Ports = [a, b] }, Ct);
        var router = new RouterSpec { Id = NewId.Uuid(), Interfaces = [Site.Inside(inside, "10.0.0.1/24")], Gateway = Site.Outside(outside, "172.24.4.10/24") };
        await site.Router.Apply(router, Ct);
        Assert.True(await guest.Reaches("172.24.4.1"), "out by source NAT");
        Assert.True(await guest.Ping("172.24.4.1", "-M", "do", "-s", "1422"));

        var floating = new FloatingAddress(NewId.Uuid(), "172.24.4.20", "10.0.0.5");
        await site.Router.Apply(router with { Floating = [floating] }, Ct);
        Assert.True(await HostPings(site, "172.24.4.20"), "in by the floating address");
        Assert.True(await other.Reaches("172.24.4.20"), "a neighbour by the floating address");
        await site.Router.Apply(router with { Floating = [floating with { Fixed = "10.0.0.6" }] }, Ct);
        Assert.True(await HostPings(site, "172.24.4.20"), "moved");
        await site.Router.Apply(router, Ct);
        Assert.False(await HostPings(site, "172.24.4.20"), "gone");
        await site.Router.Apply(router with { AdminUp = false }, Ct);
        Assert.False(await guest.Ping("172.24.4.1"), "down");
        await site.Router.Apply(router, Ct);
        Assert.True(await guest.Reaches("172.24.4.1"), "up again, with its routes");
        await site.Router.Apply(router with { Gateway = null }, Ct);
        Assert.False(await guest.Ping("172.24.4.1"), "no way out");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_bridge_that_somebody_deletes_is_missed_and_made_again(bool external)
    {
        await using var site = await Site.Create();
        var (inside, outside) = (Network(), Network("flat"));
        var group = OpenGroup();
        var a = Port(inside, "10.0.0.5", group.Id);
        var guest = await site.Host.Plug(a, gateway: "10.0.0.1");
        var change = new SwitchChange { Networks = [inside, outside], Groups = [group], Ports = [a] };
        var router = new RouterSpec { Id = NewId.Uuid(), Interfaces = [Site.Inside(inside, "10.0.0.1/24")], Gateway = Site.Outside(outside, "172.24.4.10/24") };
        await site.Switch.Apply(change, Ct);
        await site.Router.Apply(router, Ct);
        Assert.True(await guest.Reaches("172.24.4.1"));
        Assert.False((await site.Switch.Observe(Ct)).Damaged);
        await site.Host.Net.Ip(null, [$"link del dev {(external ? "br-ex" : DeviceNames.Bridge(inside.Id))}"], Ct);
        Assert.True((await site.Switch.Observe(Ct)).Damaged);
        // What the node does then.
        await site.Switch.Apply(change, Ct);
        await site.Router.Apply(router, Ct);
        Assert.True(await guest.Reaches("172.24.4.1"));
        Assert.False((await site.Switch.Observe(Ct)).Damaged);
    }

    [Fact]
    public async Task A_router_whose_making_was_interrupted_forwards_in_the_end()
    {
        await using var site = await Site.Create();
        var router = new RouterSpec { Id = NewId.Uuid(), Interfaces = [] };
        var name = DeviceNames.RouterNamespace(router.Id);
        // Killed between the namespace and what is set in it.
        Directory.CreateDirectory(site.Folders.Marks);
        await File.WriteAllTextAsync(Path.Combine(site.Folders.Marks, name), site.Host.Mark.Alias("router", router.Id), Ct);
        await site.Host.Commands.Must("ip", ["netns", "add", name], Ct);
        await site.Host.Net.Ip(name, [$"link set dev lo alias {site.Host.Mark.Alias("router", router.Id)}:unfinished"], Ct);
        Assert.Equal([router.Id], await site.Router.Observe(Ct));
        await site.Router.Apply(router, Ct);
        Assert.Equal("1", (await site.Host.Net.Must(name, "sysctl", ["-n", "net.ipv4.ip_forward"], Ct)).Trim());
        await site.Router.Remove(router.Id, Ct);
        Assert.Empty(await site.Router.Observe(Ct));
    }

    [Fact]
    public async Task The_host_masquerades_what_leaves_the_external_range()
    {
        await using var site = await Site.Create();
        await using var world = await Create();
        await site.Host.Net.Ip(null, [$"link add name wan type veth peer name wan netns {world.Name}", "address add 192.0.2.1/24 dev wan", "link set dev wan up"], Ct);
        await world.Net.Ip(null, ["address add 192.0.2.2/24 dev wan", "link set dev wan up"], Ct);
        var (inside, outside) = (Network(), Network("flat"));
        var group = OpenGroup();
        var a = Port(inside, "10.0.0.5", group.Id);
        var guest = await site.Host.Plug(a, gateway: "10.0.0.1");
        await site.Switch.Apply(new() { Networks = [inside, outside], Groups = [group], Ports = [a] }, Ct);
        await site.Router.Apply(new() { Id = NewId.Uuid(), Interfaces = [Site.Inside(inside, "10.0.0.1/24")], Gateway = Site.Outside(outside, "172.24.4.10/24") }, Ct);
        // The world knows no way back to 172.24.4.0/24.
        Assert.True(await guest.Reaches("192.0.2.2"));
    }

    [Fact]
    public async Task Two_networks_are_joined_and_a_static_route_leads_further()
    {
        await using var site = await Site.Create();
        NetworkSpec[] nets = [Network(), Network()];
        var group = OpenGroup(In("icmp"));
        var (a, b) = (Port(nets[0], "10.0.0.5", group.Id), Port(nets[1], "10.1.0.5", group.Id) with { AllowedPairs = [] });
        b = b with { AllowedPairs = [new("10.9.0.0/16", b.Mac)] };
        var (guest, far) = (await site.Host.Plug(a, gateway: "10.0.0.1"), await site.Host.Plug(b, gateway: "10.1.0.1"));
        await far.Run("ip", "address", "add", "10.9.0.1/32", "dev", "lo");
        await site.Switch.Apply(new() { Networks = nets, Groups = [group], Ports = [a, b] }, Ct);
        var router = new RouterSpec { Id = NewId.Uuid(), Interfaces = [Site.Inside(nets[0], "10.0.0.1/24"), Site.Inside(nets[1], "10.1.0.1/24")] };
        await site.Router.Apply(router, Ct);
        Assert.True(await guest.Reaches("10.1.0.5"));
        Assert.False(await guest.Ping("10.9.0.1"));
        await site.Router.Apply(router with { Routes = [new("10.9.0.0/16", "10.1.0.5"), new("10.8.0.0/16", "10.77.0.1")] }, Ct);
        Assert.True(await guest.Reaches("10.9.0.1"), "also beside a route that is impossible");
        await site.Router.Apply(router, Ct);
        Assert.False(await guest.Ping("10.9.0.1"));
    }

    [Fact]
    public async Task A_guest_makes_its_IPv6_address_and_default_route_from_advertisements()
    {
        await using var site = await Site.Create();
        var inside = Network();
        var group = OpenGroup(In("ipv6-icmp", v6: true));
        var a = Port(inside, "2001:db8::f816:3eff:fe00:aa", group.Id) with { Mac = "fa:16:3e:00:00:aa" };
        var guest = await site.Host.Plug(a, prefix: 0);
        await guest.Run("sysctl", "-qw", "net.ipv6.conf.eth0.accept_ra=2", "net.ipv6.conf.eth0.addr_gen_mode=0");
        await site.Switch.Apply(new() { Networks = [inside], Groups = [group], Ports = [a] }, Ct);
        var router = new RouterSpec { Id = NewId.Uuid(), Interfaces = [Site.Inside(inside, "2001:db8::1/64") with { RaMode = "slaac" }] };
        await site.Router.Apply(router, Ct);
        for (var i = 0; i < 60 && !(await guest.Run("ip", "-6", "address", "show", "dev", "eth0")).Out.Contains("2001:db8::f816"); i++) await Task.Delay(250, Ct);
        Assert.Contains("2001:db8::f816:3eff:fe00:aa/64", (await guest.Run("ip", "-6", "address", "show", "dev", "eth0")).Out);
        Assert.Contains("default via fe80::", (await guest.Run("ip", "-6", "route")).Out);
        Assert.True(await guest.Reaches("2001:db8::1"));
        var child = Assert.Single(site.Children.Find("router-ra")).Value;
        await site.Router.Apply(router, Ct);
        Assert.True(child.Alive);
        await site.Router.Apply(router with { Interfaces = [router.Interfaces[0] with { RaMode = null }] }, Ct);
        Assert.False(child.Alive);
    }

    [Fact]
    public async Task Requests_for_metadata_end_at_the_node_and_only_when_sent_to_its_address()
    {
        await using var site = await Site.Create();
        var inside = Network();
        var group = OpenGroup();
        var a = Port(inside, "10.0.0.5", group.Id);
        var guest = await site.Host.Plug(a, gateway: "10.0.0.1");
        await site.Switch.Apply(new() { Networks = [inside], Groups = [group], Ports = [a] }, Ct);
        var router = new RouterSpec { Id = NewId.Uuid(), Interfaces = [Site.Inside(inside, "10.0.0.1/24")] };
        await site.Router.Apply(router, Ct);
        using var socket = new Namespaces.NamespaceSockets().Listen(DeviceNames.RouterNamespace(router.Id), new(System.Net.IPAddress.Any, 9697));
        Assert.NotNull(socket);
        Assert.True(await guest.Reaches("10.0.0.1"));
        var accepting = socket.AcceptAsync(Ct);
        Assert.True((await guest.Run("bash", "-c", "timeout 3 bash -c 'exec 3<>/dev/tcp/169.254.169.254/80'")).Ok);
        using var accepted = await accepting;
        Assert.StartsWith("10.0.0.5:", accepted.RemoteEndPoint!.ToString());
        Assert.False((await guest.Run("bash", "-c", "timeout 2 bash -c 'exec 3<>/dev/tcp/10.0.0.1/9697'")).Ok);
    }

    static async Task<bool> HostPings(Site site, string address)
    {
        for (var i = 0; i < 4; i++) if ((await site.Host.Net.Run(null, "ping", ["-c", "1", "-W", "1", address], Ct)).Ok) return true;
        return false;
    }
}
