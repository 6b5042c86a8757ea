using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Dnsmasq;
using Nephos.Drivers.Exec;
using Nephos.Drivers.LinuxBridge.Firewall;
using Nephos.Drivers.Namespaces;
using Nephos.Drivers.Router;
using Xunit;

namespace Nephos.Drivers.Tests.Net;

/// <summary>What is written for the kernel's and dnsmasq's eyes, without either.</summary>
public sealed class RenderingTests
{
    static readonly OwnerMark Mark = new("12ab34cd");
    static readonly ChainNames Names = new(Mark);
    static Guid Id(int n) => Guid.Parse($"{n:x8}-1111-4222-8333-444444444444");

    static readonly PortSpec Port = new()
    {
        Id = Id(0xa1), Network = Id(0xb1), Device = "tap000000a1-11", Mac = "fa:16:3e:00:00:0a", Addresses = ["10.0.0.5", "2001:db8::5"], Mtu = 1450,
        Groups = [Id(0xc1), Id(0xc2)], AllowedPairs = [new("10.9.0.0/16", "fa:16:3e:00:00:0a"), new("192.0.2.7", "fa:16:3e:00:00:0b")],
    };

    static readonly GroupSpec Group = new(Id(0xc1),
    [
        new() { Ingress = false, V6 = false }, new() { Ingress = false, V6 = true },
        new() { Ingress = true, V6 = false, Protocol = "tcp", PortMin = 22, PortMax = 22, RemoteCidr = "0.0.0.0/0" },
        new() { Ingress = true, V6 = false, Protocol = "udp", PortMin = 1000, PortMax = 2000, RemoteCidr = "192.0.2.0/24" },
        new() { Ingress = true, V6 = false, Protocol = "icmp", PortMin = 8, PortMax = 0 },
        new() { Ingress = true, V6 = true, Protocol = "icmp", PortMin = 128 },
        new() { Ingress = true, V6 = true, Protocol = "ipv6-icmp" },
        new() { Ingress = true, V6 = false, Protocol = "sctp", PortMin = 80, PortMax = 90 },
        new() { Ingress = true, V6 = false, Protocol = "vrrp" },
        new() { Ingress = true, V6 = false, Protocol = "47" },
        new() { Ingress = true, V6 = false, RemoteGroup = Id(0xc2) },
        new() { Ingress = false, V6 = true, Protocol = "17", PortMin = 53, PortMax = 53, RemoteGroup = Id(0xc2) },
    ]);

    static Ruleset Rules(string program) => new(program, new(new Commands(NullLoggerFactory.Instance, TimeProvider.System)), Mark);

    [Theory]
    [InlineData(false, "iptables")]
    [InlineData(true, "ip6tables")]
    public void A_port_and_a_group(bool v6, string program)
    {
        var rules = Rules(program);
        rules.Chain("filter", Names.ToPort(Port.Device), PortRules.ToPort(Port, v6, Names));
        rules.Chain("mangle", Names.Sources(Port.Device), PortRules.Sources(Port, v6));
        rules.Chain("mangle", Names.FromPort(Port.Device), PortRules.FromPort(Port, v6, Names));
        rules.Chain("filter", Names.GroupIn(Group.Id), GroupRules.Chain(Group, true, v6, Mark, Names));
        rules.Chain("mangle", Names.GroupOut(Group.Id), GroupRules.Chain(Group, false, v6, Mark, Names));
        rules.Shared("mangle", Names.FromPorts('0'), Port.Device, [$"-m physdev --physdev-in {Port.Device} -j {Names.FromPort(Port.Device)}"]);
        Golden.Check($"Net/port.{program}", rules.Render());
    }

    [Fact]
    public void Frames_of_a_port()
    {
        var rules = Rules("ebtables");
        rules.Chain("nat", Names.Frames(Port.Device), PortRules.Frames(Port));
        rules.Shared("nat", Names.FromPorts('0'), Port.Device, [$"-i {Port.Device} -j {Names.Frames(Port.Device)}"]);
        Golden.Check("Net/port.ebtables", rules.Render());
    }

    [Fact]
    public void A_port_that_is_down_has_no_rule_but_the_last()
    {
        var down = Port with { AdminUp = false };
        Assert.Equal(["-j DROP"], PortRules.ToPort(down, false, Names));
        Assert.Equal(["-j DROP"], PortRules.FromPort(down, true, Names));
        Assert.Equal(["-j DROP"], PortRules.Frames(down));
    }

    [Fact]
    public void Sets_change_by_the_difference()
    {
        var sets = new AddressSets(new(new Commands(NullLoggerFactory.Instance, TimeProvider.System)), Names);
        sets.Set(Id(0xc2), ["10.0.0.5", "2001:db8::5", "0.0.0.0/0"]);
        Assert.Equal(["10.0.0.5"], sets.Set(Id(0xc2), ["10.0.0.6/32", "2001:db8::5", "0.0.0.0/0"]));
        Golden.Check("Net/members.ipset", sets.Render());
        Assert.Equal(Id(0xc2), Names.GroupOfSet(Names.Members(Id(0xc2), true)));
        Assert.Null(Names.GroupOfSet("n12ab4neutron-foreign"));
    }

    [Fact]
    public void What_is_known_is_not_written_again_whatever_order_the_tool_prints_it_in()
    {
        var rules = Rules("iptables");
        rules.Read("""
            *filter
            :FORWARD DROP [0:0]
            :DOCKER - [0:0]
            :n12ab-forward - [0:0]
            :n12ab-_to0 - [0:0]
            -A FORWARD -j DOCKER
            -A FORWARD -j n12ab-forward
            -A n12ab-_to0 -m physdev  --physdev-out tap000000a1-11 --physdev-is-bridged -j n12ab-i-000000a1-11
            COMMIT
            """);
        rules.Shared("filter", "FORWARD", "n12ab-forward", ["-j n12ab-forward"], first: true);
        rules.Shared("filter", "n12ab-_to0", Port.Device, [$"-m physdev --physdev-is-bridged --physdev-out {Port.Device} -j n12ab-i-000000a1-11"]);
        rules.Exists("filter", "n12ab-forward");
        Assert.Equal("", rules.Render());
        rules.RemoveAll();
        Assert.Equal("""
            *filter
            -D FORWARD -j n12ab-forward
            -D n12ab-_to0 -m physdev --physdev-is-bridged --physdev-out tap000000a1-11 -j n12ab-i-000000a1-11
            -F n12ab-forward
            -F n12ab-_to0
            -X n12ab-forward
            -X n12ab-_to0
            COMMIT

            """, rules.Render());
    }

    [Fact]
    public void Names_are_short_enough_for_the_kernel()
    {
        Assert.All((string[])[Names.ToPort(Port.Device), Names.FromPort(Port.Device), Names.Sources(Port.Device), Names.Frames(Port.Device), Names.GroupIn(Group.Id), Names.GroupOut(Group.Id)],
            name => Assert.InRange(name.Length, 6, 28));
        Assert.InRange(Names.Members(Group.Id, true).Length, 6, 31);
    }

    [Fact]
    public void A_router()
    {
        var router = new RouterSpec
        {
            Id = Id(1),
            Interfaces = [new(Id(2), Id(3), "fa:16:3e:00:00:01", ["10.0.0.1/24"], 1450), new(Id(4), Id(5), "fa:16:3e:00:00:02", ["2001:db8::1/64"], 1450, "slaac"),
                new(Id(8), Id(9), "fa:16:3e:00:00:04", ["2001:db8:1::1/64"], 1400, "dhcpv6-stateful")],
            Gateway = new(Id(6), Id(7), "fa:16:3e:00:00:03", ["2001:db8:f::5/64", "172.24.4.10/24"], ["172.24.4.1"], true, 1500),
            Floating = [new(Id(8), "172.24.4.20", "10.0.0.5")],
        };
        Golden.Check("Net/router.iptables", RouterNat.V4(router));
        Golden.Check("Net/router-without-snat.iptables", RouterNat.V4(router with { Gateway = router.Gateway with { Snat = false }, Floating = [] }));
        Golden.Check("Net/router-inside-only.iptables", RouterNat.V4(router with { Gateway = null, Floating = [] }));
        Golden.Check("Net/router.ip6tables", RouterNat.V6());
        Golden.Check("Net/router-advertisements.arguments", string.Join('\n', Advertiser.Arguments(router)) + "\n");
    }

    [Fact]
    public void Dhcp_of_a_network()
    {
        var (v4, isolated, slaac, stateful, stateless) = (Id(1), Id(2), Id(3), Id(4), Id(5));
        var dhcp = new DhcpSpec
        {
            Network = Id(0xb1), Port = Id(0xd1), Mac = "fa:16:3e:00:00:02", Mtu = 1450, Domain = "example.org",
            Addresses = ["10.0.0.2/24", "10.1.0.2/25", "2001:db8:a::2/64", "2001:db8:b::2/64", "2001:db8:c::2/64"],
            Subnets =
            [
                new(v4, "10.0.0.0/24", "10.0.0.1", ["192.0.2.53", "192.0.2.54"], [new("10.9.0.0/16", "10.0.0.9")], null, true),
                new(isolated, "10.1.0.0/25", null, [], [], null, false),
                new(slaac, "2001:db8:a::/64", "2001:db8:a::1", [], [], "slaac", true),
                new(stateful, "2001:db8:b::/64", "2001:db8:b::1", ["2001:db8::53"], [], "dhcpv6-stateful", true),
                new(stateless, "2001:db8:c::/64", "2001:db8:c::1", [], [], "dhcpv6-stateless", true),
            ],
            Hosts =
            [
                new("fa:16:3e:00:00:0a", "10.0.0.5", "host-10-0-0-5", v4, [new("bootfile-name", "pxe\nlinux.0"), new("150", "10.0.0.9")]),
                new("fa:16:3e:00:00:0b", "10.1.0.5", "web", isolated, []),
                new("fa:16:3e:00:00:0b", "2001:db8:a::5", "web", slaac, []),
                new("fa:16:3e:00:00:0b", "2001:db8:b::5", "web", stateful, []),
                new("fa:16:3e:00:00:0c", "2001:db8:c::5", "other", stateless, [new("dns-server", "[2001:db8::1]")]),
            ],
        };
        Golden.Check("Net/dnsmasq.hosts", DnsmasqFiles.Hosts(dhcp));
        Golden.Check("Net/dnsmasq.names", DnsmasqFiles.Names(dhcp));
        Golden.Check("Net/dnsmasq.options", DnsmasqFiles.Options(dhcp));
        Golden.Check("Net/dnsmasq.arguments", string.Join('\n', DnsmasqArguments.For(dhcp, new() { Forwarders = ["192.0.2.99"] }, "/run/x")) + "\n");
        Golden.Check("Net/dnsmasq-without-metadata.options", DnsmasqFiles.Options(dhcp with { Metadata = false }));
    }
}
