using System.Text.Json.Nodes;
using Nephos.Testing;
using static Nephos.Network.Tests.NetworkCloud;

namespace Nephos.Network.Tests;

public sealed class PortTests
{
    [Theory, OnEachDatabase]
    public async Task Ports_take_addresses_in_every_form(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var (network, subnet) = await cloud.NetworkWith(Demo, "10.0.0.0/29");
        async Task<string> Ips(object port) => string.Join(",", ((JsonArray)(await cloud.Ok(Demo, "POST", "v2.0/ports", new { port }))["port"]!["fixed_ips"]!).Select(f => (string)f!["ip_address"]!));
        Assert.Equal("10.0.0.2", await Ips(new { network_id = network }));
        Assert.Equal("10.0.0.4", await Ips(new { network_id = network, fixed_ips = new[] { new { ip_address = "10.0.0.4" } } }));
        Assert.Equal("10.0.0.3", await Ips(new { network_id = network, fixed_ips = new[] { new { subnet_id = subnet } } }));
        Assert.Equal("", await Ips(new { network_id = network, fixed_ips = Array.Empty<object>() }));
        await cloud.Refused(Demo, "POST", "v2.0/ports", new { port = new { network_id = network, fixed_ips = new[] { new { ip_address = "10.0.0.4" } } } }, 409, "IpAddressAlreadyAllocated");
        await cloud.Refused(Demo, "POST", "v2.0/ports", new { port = new { network_id = network, fixed_ips = new[] { new { ip_address = "10.5.0.4" } } } }, 400, "InvalidIpForNetwork");
        await cloud.Refused(Demo, "POST", "v2.0/ports", new { port = new { network_id = network, fixed_ips = new[] { new { ip_address = "10.5.0.4", subnet_id = subnet } } } }, 400, "InvalidIpForSubnet");
        Assert.Equal("10.0.0.5,10.0.0.6", await Ips(new { network_id = network, fixed_ips = new[] { new { subnet_id = subnet }, new { subnet_id = subnet } } }));
        await cloud.Refused(Demo, "POST", "v2.0/ports", new { port = new { network_id = network } }, 409, "IpAddressGenerationFailure");
        var found = (JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/ports?fixed_ips=ip_address=10.0.0.4"))["ports"]!;
        var id = (string)Assert.Single(found)!["id"]!;
        Assert.Equal(4, ((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/ports?fixed_ips=ip_address_substr=10.0"))["ports"]!).Count);
        Assert.Equal(4, ((JsonArray)(await cloud.Ok(Demo, "GET", $"v2.0/ports?fixed_ips=subnet_id={subnet}"))["ports"]!).Count);
        await cloud.Ok(Demo, "PUT", $"v2.0/ports/{id}", new { port = new { fixed_ips = Array.Empty<object>() } });
        Assert.Equal("10.0.0.4", await Ips(new { network_id = network }));
    }

    [Theory, OnEachDatabase]
    public async Task Ports_have_what_their_creator_asked_for(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var (network, _) = await cloud.NetworkWith(Demo);
        var port = (await cloud.Ok(Demo, "POST", "v2.0/ports", new
        {
            port = new
            {
                network_id = network, name = "p", mac_address = "FA:16:3E:00:00:01", dns_name = "vm", extra_dhcp_opts = new[] { new { opt_name = "bootfile-name", opt_value = "x" } },
                allowed_address_pairs = new[] { new { ip_address = "10.0.0.77" } },
            },
        }))["port"]!;
        Assert.Equal("fa:16:3e:00:00:01", (string?)port["mac_address"]);
        Assert.Equal("fa:16:3e:00:00:01", (string?)port["allowed_address_pairs"]![0]!["mac_address"]);
        Assert.Equal("normal", (string?)port["binding:vnic_type"]);
        Assert.False(((JsonObject)port).ContainsKey("binding:host_id"));
        Assert.Single((JsonArray)port["security_groups"]!);
        await cloud.Refused(Demo, "POST", "v2.0/ports", new { port = new { network_id = network, mac_address = "fa:16:3e:00:00:01" } }, 409, "MacAddressInUse");
        var id = (string)port["id"]!;
        await cloud.Refused(Demo, "PUT", $"v2.0/ports/{id}", new { port = new { port_security_enabled = false } }, 409, "AddressPairAndPortSecurityRequired");
        await cloud.Refused(Demo, "PUT", $"v2.0/ports/{id}", new { port = new { port_security_enabled = false, allowed_address_pairs = Array.Empty<object>() } }, 409, "PortSecurityPortHasSecurityGroup");
        await cloud.Ok(Demo, "PUT", $"v2.0/ports/{id}", new { port = new { port_security_enabled = false, allowed_address_pairs = Array.Empty<object>(), security_groups = Array.Empty<object>() } });
        await cloud.Refused(Demo, "PUT", $"v2.0/ports/{id}", new Dictionary<string, object> { ["port"] = new Dictionary<string, object> { ["binding:host_id"] = "x" } }, 403, "PolicyNotAuthorized");
        var seen = (await cloud.Ok(Admin, "GET", $"v2.0/ports/{id}"))["port"]!;
        Assert.Equal(("unbound", ""), ((string?)seen["binding:vif_type"], (string?)seen["binding:host_id"]));
        var node = await cloud.Join("node-9");
        var bound = (await cloud.Ok(Admin, "PUT", $"v2.0/ports/{id}", new Dictionary<string, object> { ["port"] = new Dictionary<string, object> { ["binding:host_id"] = "node-9" } }))["port"]!;
        Assert.Equal("bridge", (string?)bound["binding:vif_type"]);
        await cloud.Obey(node);
        Assert.Equal("ACTIVE", (string?)(await cloud.Ok(Demo, "GET", $"v2.0/ports/{id}"))["port"]!["status"]);
    }

    [Theory, OnEachDatabase]
    public async Task A_port_deleted_at_an_epoch_is_not_made_again_by_a_late_order(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var node = await cloud.Join();
        var (network, _) = await cloud.NetworkWith(Demo);
        var wanted = new Contracts.NewPort { Id = Contracts.NewId.Uuid(), Epoch = 3, Network = Guid.Parse(network), ProjectId = "demo", Device = Contracts.NewId.Uuid(), DeviceOwner = "compute:nova", Node = node };
        var first = await cloud.Contract.EnsurePort(wanted, default);
        var again = await cloud.Contract.EnsurePort(wanted, default);
        Assert.Equal(first.Addresses[0].Address, again.Addresses[0].Address);
        await cloud.Contract.DeletePort(wanted.Id, 3, default);
        var fault = await Assert.ThrowsAsync<Contracts.Fault>(() => cloud.Contract.EnsurePort(wanted, default));
        Assert.Equal((Contracts.FaultKind.Conflict, "Gone"), (fault.Kind, fault.Name));
        await cloud.Contract.EnsurePort(wanted with { Epoch = 4 }, default);
    }

    [Theory, OnEachDatabase]
    public async Task Compute_binds_a_users_port_and_leaves_it(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var node = await cloud.Join();
        var (network, _) = await cloud.NetworkWith(Demo);
        var port = Guid.Parse(await cloud.Create(Demo, "port", new { network_id = network }));
        var (one, two) = (Contracts.NewId.Uuid(), Contracts.NewId.Uuid());
        Assert.Equal(one.ToString(), (await cloud.Contract.Bind(port, one, "compute:nova", node, 1, default)).DeviceId);
        Assert.Equal("PortInUse", (await Assert.ThrowsAsync<Contracts.Fault>(() => cloud.Contract.Bind(port, two, "compute:nova", node, 1, default))).Name);
        await cloud.Contract.ChangeAddress(one, Guid.Parse(network), null, default);
        Assert.Equal(2, (await cloud.Contract.Ports([port], default))[0].Addresses.Count);
        var group = Guid.Parse(await cloud.Create(Demo, "security_group", new { name = "g" }, "security-groups"));
        await cloud.Contract.SetGroups(one, [group], [], default);
        Assert.Equal(2, (await cloud.Contract.Ports([port], default))[0].Groups.Count);
        Assert.Equal(["default", "g"], (await cloud.Contract.SecurityGroups("demo", ["default", group.ToString(), "nope"], default)).Select(g => g.Name));
        await cloud.Obey(node);
        Assert.Equal("ACTIVE", (await cloud.Contract.Ports([port], default))[0].Status);
        // The node hears nothing of a port that goes and comes back at once, and so has nothing to report.
        await cloud.Contract.Unbind(port, one, default);
        await cloud.Contract.Bind(port, two, "compute:nova", node, 2, default);
        await cloud.Settle();
        Assert.Equal("ACTIVE", (await cloud.Contract.Ports([port], default))[0].Status);
        await cloud.Contract.Unbind(port, two, default);
        Assert.Equal("", (await cloud.Contract.Ports([port], default))[0].DeviceId);
        Assert.Empty(await cloud.Contract.Usable("other", false, [Guid.Parse(network)], default));
        Assert.Single(await cloud.Contract.Usable("demo", false, [], default));
    }
}
