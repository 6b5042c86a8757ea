using Nephos.Contracts.Drivers;
using Xunit;
using static Nephos.Drivers.Tests.Net.NetHost;
using static Nephos.Drivers.Tests.Net.Specs;

namespace Nephos.Drivers.Tests.Net;

/// <summary>Real leases by a real client.</summary>
public sealed class DnsmasqTests
{
    [Fact]
    public async Task A_client_gets_its_address_its_options_and_a_way_to_metadata()
    {
        await using var site = await Site.Create();
        var network = Network();
        var group = OpenGroup();
        var (a, b) = (Port(network, "10.0.0.5", group.Id), Port(network, "10.0.0.6", group.Id));
        var guest = await site.Host.Plug(a, prefix: 0);
        await site.Switch.Apply(new() { Networks = [network], Groups = [group], Ports = [a] }, Ct);
        var dhcp = Site.DhcpFor(network, "10.0.0.0/24", "10.0.0.2/24", "10.0.0.1", onRouter: false, a);
        await site.Dhcp.Apply(dhcp, Ct);
        var lease = await Lease(guest);
        Assert.Contains("fixed-address 10.0.0.5;", lease);
        Assert.Contains("option interface-mtu 1450;", lease);
        Assert.Contains("option routers 10.0.0.1;", lease);
        Assert.Contains("option domain-name-servers 192.0.2.53;", lease);
        Assert.Contains("rfc3442-classless-static-routes 32,169,254,169,254,10,0,0,2,0,10,0,0,1;", lease);

        await guest.Run("ip", "address", "add", "10.0.0.5/24", "dev", "eth0");
        await guest.Run("ip", "route", "add", "169.254.169.254/32", "via", "10.0.0.2");
        using var socket = new Namespaces.NamespaceSockets().Listen(DeviceNames.DhcpNamespace(network.Id), new(System.Net.IPAddress.Parse("169.254.169.254"), 80));
        Assert.NotNull(socket);
        var accepting = socket.AcceptAsync(Ct);
        Assert.True((await guest.Run("bash", "-c", "timeout 3 bash -c 'exec 3<>/dev/tcp/169.254.169.254/80'")).Ok);
        using var accepted = await accepting;
        Assert.StartsWith("10.0.0.5:", accepted.RemoteEndPoint!.ToString());

        // Somebody new: the server goes on and knows him.
        var child = Assert.Single(site.Children.Find("dhcp")).Value;
        var second = await site.Host.Plug(b, prefix: 0);
        await site.Switch.Apply(new() { Ports = [b] }, Ct);
        await site.Dhcp.Apply(dhcp with { Hosts = [.. dhcp.Hosts, new(b.Mac, "10.0.0.6", "six", dhcp.Subnets[0].Id, [new("bootfile-name", "boot.ipxe")])] }, Ct);
        Assert.Contains("fixed-address 10.0.0.6;", await Lease(second));
        Assert.True(child.Alive);
    }

    [Fact]
    public async Task A_client_that_nobody_knows_gets_nothing()
    {
        await using var site = await Site.Create();
        var network = Network();
        var a = Port(network, "10.0.0.5") with { Security = false };
        var guest = await site.Host.Plug(a, prefix: 0);
        await site.Switch.Apply(new() { Networks = [network], Ports = [a] }, Ct);
        await site.Dhcp.Apply(Site.DhcpFor(network, "10.0.0.0/24", "10.0.0.2/24", null, onRouter: false), Ct);
        Assert.DoesNotContain("fixed-address", await Lease(guest, 4));
    }

    [Fact]
    public async Task A_server_that_died_is_started_again_and_one_that_lives_is_found_again()
    {
        await using var site = await Site.Create();
        var network = Network();
        await site.Switch.Apply(new() { Networks = [network] }, Ct);
        var dhcp = Site.DhcpFor(network, "10.0.0.0/24", "10.0.0.2/24", null, onRouter: false);
        await site.Dhcp.Apply(dhcp, Ct);
        var first = Assert.Single(site.Children.Find("dhcp")).Value;
        Assert.Equal([new DhcpState(network.Id, true)], await site.Dhcp.Observe(Ct));
        await site.NewDhcp().Apply(dhcp, Ct);
        Assert.Equal(first, Assert.Single(site.Children.Find("dhcp")).Value);
        first.Kill();
        await first.Ended(TimeSpan.FromSeconds(30), TimeProvider.System, Ct);
        Assert.Equal([new DhcpState(network.Id, false)], await site.Dhcp.Observe(Ct));
        await site.Dhcp.Apply(dhcp, Ct);
        Assert.Equal([new DhcpState(network.Id, true)], await site.Dhcp.Observe(Ct));
        Assert.Contains("Uid:\t65534", await File.ReadAllTextAsync($"/proc/{site.Children.Find("dhcp").Single().Value.Pid}/status", Ct));
    }

    [Fact]
    public async Task A_folder_closed_to_the_servers_user_is_named_instead_of_serving_nobody()
    {
        await using var site = await Site.Create();
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(site.Host.Folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var network = Network();
        await site.Switch.Apply(new() { Networks = [network] }, Ct);
        var fault = await Assert.ThrowsAsync<Contracts.Fault>(() => site.Dhcp.Apply(Site.DhcpFor(network, "10.0.0.0/24", "10.0.0.2/24", null, onRouter: false), Ct));
        Assert.Contains($"chmod o+x {site.Host.Folder.Path})", fault.Message);
    }

    [Fact]
    public async Task A_client_gets_the_IPv6_address_that_was_given_to_its_port()
    {
        await using var site = await Site.Create();
        var network = Network();
        var group = OpenGroup();
        var a = Port(network, "2001:db8::a5", group.Id);
        var guest = await site.Host.Plug(a, prefix: 0);
        await site.Switch.Apply(new() { Networks = [network], Groups = [group], Ports = [a] }, Ct);
        var subnet = new DhcpSubnet(Contracts.NewId.Uuid(), "2001:db8::/64", "2001:db8::1", [], [], "dhcpv6-stateful", false);
        await site.Dhcp.Apply(new()
        {
            Network = network.Id, Port = Contracts.NewId.Uuid(), Mac = Mac(), Addresses = ["2001:db8::2/64"], Mtu = 1450, Subnets = [subnet],
            Hosts = [new(a.Mac, a.Addresses[0], "six", subnet.Id, [])],
        }, Ct);
        await LinkLocal(guest);
        var lease = await Lease(guest, 20, "-6");
        Assert.Contains("iaaddr 2001:db8::a5", lease);
        Assert.Contains("dhcp6.name-servers 2001:db8::2", lease);
    }

    [Theory]
    [InlineData("10.0.0.5", "10.0.0.2/24", "-4", true)]
    [InlineData("10.0.0.5", "10.0.0.2/24", "-4", false)]
    [InlineData("2001:db8::a5", "2001:db8::2/64", "-6", true)]
    [InlineData("2001:db8::a5", "2001:db8::2/64", "-6", false)]
    public async Task An_address_goes_to_its_next_port_though_the_last_one_never_gave_it_back(string address, string own, string family, bool alive)
    {
        await using var site = await Site.Create();
        var network = Network();
        var group = OpenGroup();
        var (a, b) = (Port(network, address, group.Id), Port(network, address, group.Id));
        var subnet = new DhcpSubnet(Contracts.NewId.Uuid(), family == "-6" ? "2001:db8::/64" : "10.0.0.0/24", null, [], [], family == "-6" ? "dhcpv6-stateful" : null, false);
        var dhcp = new DhcpSpec { Network = network.Id, Port = Contracts.NewId.Uuid(), Mac = Mac(), Addresses = [own], Mtu = 1450, Subnets = [subnet], Hosts = [new(a.Mac, address, "a", subnet.Id, [])] };
        Assert.Contains(address, await First());
        if (!alive)
        {
            var child = Assert.Single(site.Children.Find("dhcp")).Value;
            child.Kill();
            await child.Ended(TimeSpan.FromSeconds(30), TimeProvider.System, Ct);
        }
        await site.Switch.Apply(new() { PortsGone = [a.Id] }, Ct);
        var second = await site.Host.Plug(b, prefix: 0);
        await site.Switch.Apply(new() { Ports = [b] }, Ct);
        await site.Dhcp.Apply(dhcp with { Hosts = [new(b.Mac, address, "b", subnet.Id, [])] }, Ct);
        await LinkLocal(second);
        Assert.Contains(address, await Lease(second, 20, family));

        async Task<string> First()
        {
            var first = await site.Host.Plug(a, prefix: 0);
            await site.Switch.Apply(new() { Networks = [network], Groups = [group], Ports = [a] }, Ct);
            await site.Dhcp.Apply(dhcp, Ct);
            await LinkLocal(first);
            return await Lease(first, 20, family);
        }
    }

    static async Task LinkLocal(Guest guest)
    {
        for (var i = 0; i < 40 && (await guest.Run("ip", "-6", "address", "show", "dev", "eth0", "scope", "link", "-tentative")).Out.Length == 0; i++) await Task.Delay(100, Ct);
    }

    static async Task<string> Lease(Guest guest, int seconds = 20, string family = "-4")
    {
        var file = Path.Combine(guest.Host.Folder.Path, guest.Name + ".leases");
        // "true" instead of the script that would change this machine's resolv.conf.
        await guest.Run("timeout", $"{seconds}", "dhclient", family, "-1", "-sf", "/bin/true", "-lf", file, "-pf", file + ".pid", "-cf", Configuration(guest), "eth0");
        // It goes on as a daemon, which may not have written its number yet.
        await guest.Host.Commands.Run("bash", ["-c", $"ip netns pids {guest.Name} | xargs -r kill"], Ct);
        return File.Exists(file) ? await File.ReadAllTextAsync(file, Ct) : "";
    }

    static string Configuration(Guest guest)
    {
        var path = Path.Combine(guest.Host.Folder.Path, "dhclient.conf");
        File.WriteAllText(path, "option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;\nrequest subnet-mask, routers, domain-name-servers, interface-mtu, rfc3442-classless-static-routes, dhcp6.name-servers;\ninitial-interval 1;\n");
        return path;
    }
}
