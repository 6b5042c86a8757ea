using System.Text.Json.Nodes;
using Nephos.Testing;
using static Nephos.Network.Tests.NetworkCloud;

namespace Nephos.Network.Tests;

public sealed class RouterTests
{
    [Theory, OnEachDatabase]
    public async Task Interfaces_come_by_subnet_and_by_port_and_go(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var (network, subnet) = await cloud.NetworkWith(Demo);
        var (second, other) = await cloud.NetworkWith(Demo, "10.1.0.0/24");
        var (_, overlapping) = await cloud.NetworkWith(Demo, "10.0.0.0/16");
        var router = await cloud.Create(Demo, "router", new { name = "r" });
        var added = await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}/add_router_interface", new { subnet_id = subnet });
        Assert.Equal(subnet, (string?)added["subnet_id"]);
        var port = await cloud.Create(Demo, "port", new { network_id = second });
        await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}/add_router_interface", new { port_id = port });
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}/add_router_interface", new { subnet_id = subnet }, 400, "BadRequest");
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}/add_router_interface", new { subnet_id = overlapping }, 400, "BadRequest");
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}/add_router_interface", new { }, 400, "BadRequest");
        await cloud.Refused(Other, "PUT", $"v2.0/routers/{router}/add_router_interface", new { subnet_id = subnet }, 404, "RouterNotFound");
        Assert.Equal("network:router_interface", (string?)(await cloud.Ok(Demo, "GET", $"v2.0/ports/{added["port_id"]}"))["port"]!["device_owner"]);
        await cloud.Refused(Demo, "DELETE", $"v2.0/ports/{added["port_id"]}", null, 409, "ServicePortInUse");
        await cloud.Refused(Demo, "DELETE", $"v2.0/routers/{router}", null, 409, "RouterInUse");
        var routed = await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}", new { router = new { routes = new[] { new { destination = "192.168.0.0/16", nexthop = "10.1.0.77" } } } });
        Assert.Equal("10.1.0.77", (string?)routed["router"]!["routes"]![0]!["nexthop"]);
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}/remove_router_interface", new { subnet_id = other }, 409, "RouterInterfaceInUseByRoute");
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}", new { router = new { routes = new[] { new { destination = "192.168.0.0/16", nexthop = "10.77.0.77" } } } }, 400, "InvalidRoutes");
        await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}/add_extraroutes", new { router = new { routes = new[] { new { destination = "192.169.0.0/16", nexthop = "10.1.0.78" } } } });
        var left = await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}/remove_extraroutes", new { router = new { routes = new[] { new { destination = "192.168.0.0/16", nexthop = "10.1.0.77" } } } });
        Assert.Single((JsonArray)left["router"]!["routes"]!);
        await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}", new { router = new { routes = Array.Empty<object>() } });
        await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}/remove_router_interface", new { port_id = port });
        await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}/remove_router_interface", new { subnet_id = subnet });
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}/remove_router_interface", new { subnet_id = subnet }, 404, "RouterInterfaceNotFoundForSubnet");
        await cloud.Ok(Demo, "DELETE", $"v2.0/routers/{router}");
        Assert.Equal(2, ((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/networks"))["networks"]!).Count(n => (string?)n!["id"] == network || (string?)n["id"] == second));
    }

    [Theory, OnEachDatabase]
    public async Task Gateways_are_set_changed_and_cleared(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var (external, subnet) = await cloud.External();
        var (inside, _) = await cloud.NetworkWith(Demo);
        var router = await cloud.Create(Demo, "router", new { name = "r", external_gateway_info = new { network_id = external } });
        var shown = (await cloud.Ok(Demo, "GET", $"v2.0/routers/{router}"))["router"]!["external_gateway_info"]!;
        Assert.Equal((external, true, "172.24.4.2"), ((string?)shown["network_id"], (bool)shown["enable_snat"]!, (string?)shown["external_fixed_ips"]![0]!["ip_address"]));
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}", new { router = new { external_gateway_info = new { network_id = inside } } }, 400, "BadRequest");
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}", new { router = new { external_gateway_info = new { network_id = external, enable_snat = false } } }, 403, "PolicyNotAuthorized");
        var moved = await cloud.Ok(Admin, "PUT", $"v2.0/routers/{router}", new { router = new { external_gateway_info = new { network_id = external, enable_snat = false, external_fixed_ips = new[] { new { subnet_id = subnet, ip_address = "172.24.4.50" } } } } });
        Assert.Equal("172.24.4.50", (string?)moved["router"]!["external_gateway_info"]!["external_fixed_ips"]![0]!["ip_address"]);
        await cloud.Refused(Admin, "POST", "v2.0/routers", new { router = new { external_gateway_info = new { network_id = external, external_fixed_ips = new[] { new { ip_address = "172.24.4.50" } } } } }, 409, "IpAddressInUse");
        Assert.Null((await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}", new { router = new { external_gateway_info = new { } } }))["router"]!["external_gateway_info"]);
        await cloud.Ok(Demo, "DELETE", $"v2.0/routers/{router}");
        Assert.Empty((JsonArray)(await cloud.Ok(Admin, "GET", $"v2.0/ports?network_id={external}"))["ports"]!);
    }

    [Theory, OnEachDatabase]
    public async Task Floating_addresses_reach_only_what_a_router_reaches(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var (external, _) = await cloud.External();
        var (network, subnet) = await cloud.NetworkWith(Demo);
        var port = await cloud.Create(Demo, "port", new { network_id = network });
        await cloud.Refused(Demo, "POST", "v2.0/floatingips", new { floatingip = new { floating_network_id = network } }, 400, "BadRequest");
        await cloud.Refused(Demo, "POST", "v2.0/floatingips", new { floatingip = new { floating_network_id = external, port_id = port } }, 404, "ExternalGatewayForFloatingIPNotFound");
        var floating = await cloud.Create(Demo, "floatingip", new { floating_network_id = external });
        await cloud.Refused(Demo, "POST", "v2.0/floatingips", new { floatingip = new { floating_network_id = external, floating_ip_address = "172.24.4.99" } }, 403, "PolicyNotAuthorized");
        var router = await cloud.Router(Demo, external, subnet);
        var up = await cloud.Ok(Demo, "PUT", $"v2.0/floatingips/{floating}", new { floatingip = new { port_id = port } });
        Assert.Equal(router, (string?)up["floatingip"]!["router_id"]);
        Assert.Equal(port, (string?)Assert.Single((JsonArray)(await cloud.Ok(Demo, "GET", $"v2.0/floatingips?port_id={port}"))["floatingips"]!)!["port_id"]);
        await cloud.Refused(Demo, "POST", "v2.0/floatingips", new { floatingip = new { floating_network_id = external, port_id = port } }, 409, "FloatingIPPortAlreadyAssociated");
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}/remove_router_interface", new { subnet_id = subnet }, 409, "RouterInterfaceInUseByFloatingIP");
        await cloud.Refused(Demo, "PUT", $"v2.0/routers/{router}", new { router = new { external_gateway_info = (object?)null } }, 409, "RouterExternalGatewayInUseByFloatingIp");
        await cloud.Refused(Other, "GET", $"v2.0/floatingips/{floating}", null, 404, "FloatingIPNotFound");
        await cloud.Refused(Admin, "DELETE", $"v2.0/networks/{external}", null, 409, "NetworkInUse");
        await cloud.Ok(Demo, "DELETE", $"v2.0/ports/{port}");
        var down = (await cloud.Ok(Demo, "GET", $"v2.0/floatingips/{floating}"))["floatingip"]!;
        Assert.Equal((null, null, "DOWN"), ((string?)down["port_id"], (string?)down["router_id"], (string?)down["status"]));
        await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}", new { router = new { external_gateway_info = (object?)null } });
        await cloud.Ok(Admin, "DELETE", $"v2.0/networks/{external}");
        await cloud.Refused(Demo, "GET", $"v2.0/floatingips/{floating}", null, 404, "FloatingIPNotFound");
    }

    [Theory, OnEachDatabase]
    public async Task Administrators_see_and_move_what_nodes_carry(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var one = await cloud.Join();
        var (network, subnet) = await cloud.NetworkWith(Demo);
        var router = await cloud.Create(Demo, "router", new { name = "r" });
        await cloud.Ok(Demo, "PUT", $"v2.0/routers/{router}/add_router_interface", new { subnet_id = subnet });
        await cloud.Settle();
        await cloud.Join("node-2", "192.0.2.2");
        Assert.Empty((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/agents"))["agents"]!);
        var agents = (JsonArray)(await cloud.Ok(Admin, "GET", "v2.0/agents?alive=true"))["agents"]!;
        Assert.Equal(8, agents.Count);
        string Agent(string type, string host) => (string)agents.Single(a => (string?)a!["agent_type"] == type && (string?)a["host"] == host)!["id"]!;
        var (dhcp1, dhcp2, l31, l32) = (Agent("DHCP agent", "node-1"), Agent("DHCP agent", "node-2"), Agent("L3 agent", "node-1"), Agent("L3 agent", "node-2"));
        Assert.Equal(network, (string?)Assert.Single((JsonArray)(await cloud.Ok(Admin, "GET", $"v2.0/agents/{dhcp1}/dhcp-networks"))["networks"]!)!["id"]);
        Assert.Equal(dhcp1, (string?)Assert.Single((JsonArray)(await cloud.Ok(Admin, "GET", $"v2.0/networks/{network}/dhcp-agents"))["agents"]!)!["id"]);
        await cloud.Ok(Admin, "DELETE", $"v2.0/agents/{dhcp1}/dhcp-networks/{network}");
        await cloud.Settle();
        Assert.Empty((JsonArray)(await cloud.Ok(Admin, "GET", $"v2.0/networks/{network}/dhcp-agents"))["agents"]!);
        await cloud.Ok(Admin, "POST", $"v2.0/agents/{dhcp2}/dhcp-networks", new { network_id = network });
        await cloud.Settle();
        Assert.Equal(dhcp2, (string?)Assert.Single((JsonArray)(await cloud.Ok(Admin, "GET", $"v2.0/networks/{network}/dhcp-agents"))["agents"]!)!["id"]);
        Assert.False((await cloud.Items.Find(one, "dhcp", Guid.Parse(network)))!.Wanted);
        Assert.Equal(router, (string?)Assert.Single((JsonArray)(await cloud.Ok(Admin, "GET", $"v2.0/agents/{l31}/l3-routers"))["routers"]!)!["id"]);
        await cloud.Refused(Admin, "POST", $"v2.0/agents/{l32}/l3-routers", new { router_id = router }, 409, "RouterHostedByL3Agent");
        await cloud.Ok(Admin, "DELETE", $"v2.0/agents/{l31}/l3-routers/{router}");
        await cloud.Ok(Admin, "POST", $"v2.0/agents/{l32}/l3-routers", new { router_id = router });
        await cloud.Settle();
        Assert.Equal(l32, (string?)Assert.Single((JsonArray)(await cloud.Ok(Admin, "GET", $"v2.0/routers/{router}/l3-agents"))["agents"]!)!["id"]);
        Assert.Equal("x", (string?)(await cloud.Ok(Admin, "PUT", $"v2.0/agents/{l31}", new { agent = new { description = "x" } }))["agent"]!["description"]);
        var empty = await cloud.Create(Admin, "network", new { name = "no subnets" });
        await cloud.Ok(Admin, "POST", $"v2.0/agents/{dhcp1}/dhcp-networks", new { network_id = empty });
        await cloud.Settle();
        Assert.Single((JsonArray)(await cloud.Ok(Admin, "GET", $"v2.0/networks/{empty}/dhcp-agents"))["agents"]!);
        await cloud.Refused(Admin, "DELETE", $"v2.0/agents/{l31}", null, 400, "BadRequest");
        await cloud.Refused(Demo, "GET", $"v2.0/agents/{l31}", null, 404, "AgentNotFound");
    }
}
