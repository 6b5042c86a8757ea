using System.Text.Json.Nodes;
using Nephos.Testing;
using static Nephos.Network.Tests.NetworkCloud;

namespace Nephos.Network.Tests;

public sealed class SubnetTests
{
    [Theory, OnEachDatabase]
    public async Task Subnets_get_gateway_and_pools_and_refuse_overlaps(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var network = await cloud.Create(Demo, "network", new { name = "n" });
        var made = (await cloud.Ok(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, cidr = "10.0.0.7/24", ip_version = 4, dns_nameservers = new[] { "8.8.8.8" } } }))["subnet"]!;
        Assert.Equal(("10.0.0.0/24", "10.0.0.1", true), ((string?)made["cidr"], (string?)made["gateway_ip"], (bool)made["enable_dhcp"]!));
        Assert.Equal("""[{"start":"10.0.0.2","end":"10.0.0.254"}]""", made["allocation_pools"]!.ToJsonString());
        await cloud.Refused(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, cidr = "10.0.0.128/25", ip_version = 4 } }, 400, "InvalidInput");
        await cloud.Refused(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, ip_version = 4 } }, 400, "BadRequest");
        await cloud.Refused(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, cidr = "10.1.0.0/24", ip_version = 4, gateway_ip = "10.1.0.5", allocation_pools = new[] { new { start = "10.1.0.2", end = "10.1.0.9" } } } }, 409, "GatewayConflictWithAllocationPools");
        await cloud.Refused(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, cidr = "10.1.0.0/24", ip_version = 4, allocation_pools = new[] { new { start = "10.2.0.2", end = "10.2.0.9" } } } }, 400, "OutOfBoundsAllocationPool");
        var id = (string)made["id"]!;
        var changed = (await cloud.Ok(Demo, "PUT", $"v2.0/subnets/{id}", new { subnet = new { name = "x", gateway_ip = (string?)null, host_routes = new[] { new { destination = "10.9.0.0/24", nexthop = "10.0.0.9" } } } }))["subnet"]!;
        Assert.Null(changed["gateway_ip"]);
        Assert.Equal("10.0.0.9", (string?)changed["host_routes"]![0]!["nexthop"]);
        await cloud.Create(Demo, "port", new { network_id = network });
        await cloud.Refused(Demo, "DELETE", $"v2.0/subnets/{id}", null, 409, "SubnetInUse");
        await cloud.Refused(Demo, "DELETE", $"v2.0/networks/{network}", null, 409, "NetworkInUse");
    }

    [Theory, OnEachDatabase]
    public async Task IPv6_hosts_make_their_own_addresses(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var network = await cloud.Create(Demo, "network", new { name = "n" });
        var subnet = await cloud.Create(Demo, "subnet", new { network_id = network, cidr = "2001:db8::/64", ip_version = 6, ipv6_ra_mode = "slaac", ipv6_address_mode = "slaac" });
        var port = (await cloud.Ok(Demo, "POST", "v2.0/ports", new { port = new { network_id = network } }))["port"]!;
        Assert.Equal(Addresses.MacAddress.Eui64(Addresses.Cidr.Parse("2001:db8::/64"), (string)port["mac_address"]!).ToString(), (string?)port["fixed_ips"]![0]!["ip_address"]);
        await cloud.Refused(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, cidr = "2001:db8:1::/96", ip_version = 6, ipv6_address_mode = "slaac" } }, 400, "InvalidInput");
        await cloud.Refused(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, cidr = "2001:db8:2::/64", ip_version = 6, ipv6_ra_mode = "slaac", ipv6_address_mode = "dhcpv6-stateful" } }, 400, "InvalidInput");
        await cloud.Ok(Demo, "DELETE", $"v2.0/subnets/{subnet}");
    }

    [Theory, OnEachDatabase]
    public async Task Subnet_pools_give_out_ranges(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var scope = await cloud.Create(Demo, "address_scope", new { name = "s", ip_version = 4 }, "address-scopes");
        var pool = await cloud.Create(Demo, "subnetpool", new { name = "p", prefixes = new[] { "10.8.0.0/17", "10.8.128.0/17" }, default_prefixlen = 24, min_prefixlen = 20, address_scope_id = scope });
        Assert.Equal("""["10.8.0.0/16"]""", (await cloud.Ok(Demo, "GET", $"v2.0/subnetpools/{pool}"))["subnetpool"]!["prefixes"]!.ToJsonString());
        var network = await cloud.Create(Demo, "network", new { name = "n" });
        async Task<string> Take(object body) => (string)(await cloud.Ok(Demo, "POST", "v2.0/subnets", new { subnet = body }))["subnet"]!["cidr"]!;
        Assert.Equal("10.8.0.0/24", await Take(new { network_id = network, subnetpool_id = pool, ip_version = 4 }));
        Assert.Equal("10.8.16.0/20", await Take(new { network_id = network, subnetpool_id = pool, ip_version = 4, prefixlen = 20 }));
        Assert.Equal("10.8.2.0/24", await Take(new { network_id = network, subnetpool_id = pool, ip_version = 4, cidr = "10.8.2.0/24" }));
        Assert.Equal("10.8.1.0/24", await Take(new { network_id = network, subnetpool_id = pool, ip_version = 4 }));
        await cloud.Refused(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, subnetpool_id = pool, ip_version = 4, prefixlen = 16 } }, 400, "MinPrefixSubnetAllocationError");
        await cloud.Refused(Demo, "POST", "v2.0/subnets", new { subnet = new { network_id = network, cidr = "192.168.0.0/24", ip_version = 4 } }, 400, "NetworkSubnetPoolAffinityError");
        await cloud.Refused(Demo, "DELETE", $"v2.0/subnetpools/{pool}", null, 409, "SubnetPoolDeleteError");
        await cloud.Refused(Demo, "DELETE", $"v2.0/address-scopes/{scope}", null, 409, "AddressScopeInUse");
        await cloud.Ok(Demo, "PUT", $"v2.0/subnetpools/{pool}/add_prefixes", new { prefixes = new[] { "10.9.0.0/16" } });
        await cloud.Refused(Demo, "PUT", $"v2.0/subnetpools/{pool}/remove_prefixes", new { prefixes = new[] { "10.8.0.0/24" } }, 400, "IllegalSubnetPoolPrefixUpdate");
        Assert.Equal("""["10.8.0.0/16"]""", (await cloud.Ok(Demo, "PUT", $"v2.0/subnetpools/{pool}/remove_prefixes", new { prefixes = new[] { "10.9.0.0/16" } }))["prefixes"]!.ToJsonString());
        Assert.Equal(scope, (string?)(await cloud.Ok(Demo, "GET", $"v2.0/networks/{network}"))["network"]!["ipv4_address_scope"]);
        await cloud.Ok(Demo, "PUT", $"v2.0/address-scopes/{scope}", new { address_scope = new { name = "t" } });
    }

    [Theory, OnEachDatabase]
    public async Task A_project_without_a_network_is_given_one(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        await cloud.Refused(Demo, "GET", "v2.0/auto-allocated-topology/demo", null, 404, "AutoAllocationFailure");
        var (external, _) = await cloud.External();
        await cloud.Ok(Admin, "PUT", $"v2.0/networks/{external}", new { network = new { is_default = true } });
        await cloud.Create(Admin, "subnetpool", new { name = "p", prefixes = new[] { "10.8.0.0/16" }, default_prefixlen = 24, is_default = true, shared = true });
        Assert.Equal("dry-run=pass", (string?)(await cloud.Ok(Demo, "GET", "v2.0/auto-allocated-topology/null?fields=dry-run"))["auto_allocated_topology"]!["id"]);
        var id = (string?)(await cloud.Ok(Demo, "GET", "v2.0/auto-allocated-topology/demo"))["auto_allocated_topology"]!["id"];
        Assert.Equal(id, (await cloud.Contract.Auto("demo", default)).Id.ToString());
        Assert.Single((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/routers"))["routers"]!);
        await cloud.Refused(Other, "GET", "v2.0/auto-allocated-topology/demo", null, 403, "PolicyNotAuthorized");
        await cloud.Ok(Demo, "DELETE", "v2.0/auto-allocated-topology/demo");
        Assert.Empty((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/routers"))["routers"]!);
        Assert.Equal(2, ((JsonArray)(await cloud.Ok(Admin, "GET", "v2.0/network-ip-availabilities"))["network_ip_availabilities"]!).Count + 1);
    }
}
