using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Testing;
using static Nephos.Network.Tests.NetworkCloud;

namespace Nephos.Network.Tests;

/// <summary>What one project has is to another as if it were not there, on every route; and no input makes the service fail.</summary>
public sealed class LeakTests
{
    [Theory, OnEachDatabase]
    public async Task A_foreign_id_answers_what_a_random_id_answers(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var things = await Things(cloud);
        foreach (var route in cloud.Services.GetRequiredService<Gateway>().Services.Single().Routes.Where(r => r.Pattern.Contains("{id}", StringComparison.Ordinal)))
        {
            var collection = route.Pattern.Split('/')[2];
            if (!things.TryGetValue(collection, out var foreign)) continue;
            var random = NewId.Uuid().ToString();
            foreach (var body in Bodies(route.Method, route.Pattern, things))
            {
                string Path(string id) => route.Pattern[1..].Replace("{id}", id, StringComparison.Ordinal).Replace("{tag}", "x", StringComparison.Ordinal);
                var (mine, theirs) = (await cloud.Send(Other, route.Method, Path(random), body), await cloud.Send(Other, route.Method, Path(foreign), body));
                Assert.True(mine.Status == theirs.Status && mine.Body?.ToJsonString().Replace(random, "*", StringComparison.Ordinal) == theirs.Body?.ToJsonString().Replace(foreign, "*", StringComparison.Ordinal),
                    $"{route.Method} {route.Pattern}: {mine} but {theirs}");
            }
        }
    }

    [Theory, OnEachDatabase]
    public async Task A_foreign_id_in_a_body_or_query_answers_what_a_random_id_answers(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var things = await Things(cloud);
        var (mine, subnet) = await cloud.NetworkWith(Other, "10.77.0.0/24");
        var router = await cloud.Create(Other, "router", new { name = "r" });
        var group = await cloud.Create(Other, "security_group", new { name = "g" }, "security-groups");
        var port = await cloud.Create(Other, "port", new { network_id = mine });
        var floating = await cloud.Create(Other, "floatingip", new { floating_network_id = things["external"] });
        (string Method, string Path, string Kind, Func<string, object> Body)[] all =
        [
            ("POST", "subnets", "networks", id => new { subnet = new { network_id = id, cidr = "10.5.0.0/24", ip_version = 4 } }),
            ("POST", "subnets", "subnetpools", id => new { subnet = new { network_id = mine, subnetpool_id = id, ip_version = 4 } }),
            ("POST", "ports", "networks", id => new { port = new { network_id = id } }),
            ("POST", "ports", "subnets", id => new { port = new { network_id = mine, fixed_ips = new[] { new { subnet_id = id } } } }),
            ("POST", "ports", "security-groups", id => new { port = new { network_id = mine, security_groups = new[] { id } } }),
            ("PUT", $"ports/{port}", "security-groups", id => new { port = new { security_groups = new[] { id } } }),
            ("PUT", $"ports/{port}", "subnets", id => new { port = new { fixed_ips = new[] { new { subnet_id = id } } } }),
            ("POST", "security-group-rules", "security-groups", id => new { security_group_rule = new { security_group_id = id, direction = "ingress" } }),
            ("POST", "security-group-rules", "security-groups", id => new { security_group_rule = new { security_group_id = group, direction = "ingress", remote_group_id = id } }),
            ("POST", "floatingips", "networks", id => new { floatingip = new { floating_network_id = id } }),
            ("POST", "floatingips", "ports", id => new { floatingip = new { floating_network_id = things["external"], port_id = id } }),
            ("PUT", $"floatingips/{floating}", "ports", id => new { floatingip = new { port_id = id } }),
            ("POST", "routers", "networks", id => new { router = new { external_gateway_info = new { network_id = id } } }),
            ("PUT", $"routers/{router}", "networks", id => new { router = new { external_gateway_info = new { network_id = id } } }),
            ("PUT", $"routers/{router}/add_router_interface", "subnets", id => new { subnet_id = id }),
            ("PUT", $"routers/{router}/add_router_interface", "ports", id => new { port_id = id }),
            ("PUT", $"routers/{router}/remove_router_interface", "subnets", id => new { subnet_id = id }),
            ("PUT", $"routers/{router}/remove_router_interface", "ports", id => new { port_id = id }),
            ("POST", "subnetpools", "address-scopes", id => new { subnetpool = new { name = "p", prefixes = new[] { "10.6.0.0/16" }, address_scope_id = id } }),
            ("POST", "rbac-policies", "networks", id => new { rbac_policy = new { object_type = "network", object_id = id, action = "access_as_shared", target_tenant = "x" } }),
            ("POST", "rbac-policies", "security-groups", id => new { rbac_policy = new { object_type = "security_group", object_id = id, action = "access_as_shared", target_tenant = "x" } }),
        ];
        foreach (var (method, path, of, body) in all)
        {
            var (random, foreign) = (NewId.Uuid().ToString(), things[of]);
            var (one, two) = (await cloud.Send(Other, method, "v2.0/" + path, body(random)), await cloud.Send(Other, method, "v2.0/" + path, body(foreign)));
            Assert.True(one.Status >= 400 && one.Status == two.Status && one.Body!.ToJsonString().Replace(random, "*", StringComparison.Ordinal) == two.Body!.ToJsonString().Replace(foreign, "*", StringComparison.Ordinal), $"{method} {path} {of}: {one} but {two}");
        }
        foreach (var (collection, id) in things.Where(t => t.Key != "external"))
            foreach (var filter in new[] { "id", "network_id", "device_id", "security_group_id", "port_id", "subnetpool_id", "address_scope_id", "object_id", "router_id" })
            {
                var (status, list) = await cloud.Send(Other, "GET", $"v2.0/{collection}?{filter}={id}");
                if (status == 200) Assert.Empty((JsonArray)((JsonObject)list!).First().Value!);
            }
        _ = subnet;
    }

    [Fact]
    public async Task Hostile_values_are_refused_and_never_break_the_service()
    {
        await using var cloud = await Start();
        var things = await Things(cloud);
        object?[] hostile =
        [
            null, true, 0, -1, 1.5, 9007199254740993, "", " ", "x", "\u0000", "'; DROP TABLE network_ports; --", new string('a', 300), "fe80::1%eth0", "0.0.0.0/0", "::/0", "256.1.1.1", "10.0.0.1/33", "010.0.0.1",
            Array.Empty<object>(), new object?[] { null }, new object[] { 1 }, new object[] { "x" }, new object[] { Array.Empty<object>() }, new object[] { new { } }, new object[] { new { subnet_id = 5 } }, new { }, new { x = 1 },
            new { network_id = 7 }, "é\U0001F600", "99999999999999999999", NewId.Uuid(),
        ];
        (string Name, string Path, Dictionary<string, object?> Good)[] kinds =
        [
            ("network", "networks", []), ("subnet", "subnets", new() { ["network_id"] = things["networks"], ["cidr"] = "10.66.0.0/24", ["ip_version"] = 4 }), ("port", "ports", new() { ["network_id"] = things["networks"] }),
            ("router", "routers", []), ("floatingip", "floatingips", new() { ["floating_network_id"] = things["external"] }), ("security_group", "security-groups", []),
            ("security_group_rule", "security-group-rules", new() { ["security_group_id"] = things["security-groups"], ["direction"] = "ingress" }),
            ("subnetpool", "subnetpools", new() { ["name"] = "p", ["prefixes"] = new[] { "10.5.0.0/16" } }), ("address_scope", "address-scopes", new() { ["ip_version"] = 4 }),
            ("rbac_policy", "rbac-policies", new() { ["object_type"] = "network", ["object_id"] = things["networks"], ["action"] = "access_as_shared", ["target_tenant"] = "q" }),
        ];
        foreach (var (name, path, good) in kinds)
        {
            await cloud.Ok(Admin, "PUT", "v2.0/quotas/admin", new { quota = new { network = -1, subnet = -1, port = -1, router = -1, floatingip = -1, security_group = -1, security_group_rule = -1, rbac_policy = -1 } });
            var id = things[path];
            var attributes = (JsonObject)(await cloud.Ok(Admin, "GET", $"v2.0/{path}/{id}"))[name]!;
            foreach (var attribute in attributes.Select(a => a.Key).Concat(good.Keys).Append("subnet_id").Append("prefixlen").Append("fixed_ips").Distinct())
                foreach (var value in hostile)
                {
                    // Reading the thing, the body and the answer: whatever happens, it is the service's own refusal or success.
                    var body = new Dictionary<string, object?>(good) { [attribute] = value };
                    var (made, answer) = await cloud.Send(Admin, "POST", $"v2.0/{path}", new Dictionary<string, object?> { [name] = body });
                    Assert.True(made < 500, $"POST {path} {attribute}={JsonSerializer.Serialize(value)}: {made} {answer}");
                    if (made == 201) await cloud.Send(Admin, "DELETE", $"v2.0/{path}/{answer![name]!["id"]}");
                    var (changed, after) = await cloud.Send(Admin, "PUT", $"v2.0/{path}/{id}", new Dictionary<string, object?> { [name] = new Dictionary<string, object?> { [attribute] = value } });
                    Assert.True(changed < 500, $"PUT {path} {attribute}={JsonSerializer.Serialize(value)}: {changed} {after}");
                }
            foreach (var query in new[] { "limit=-1", "limit=99999999999999999999", "marker=x&limit=1", "sort_key=id", "sort_key=id&sort_dir=up", "fields=x", "id=x", "%00=1", "name=%27", "tags=,", "page_reverse=x&limit=2", "shared=maybe", "fixed_ips=x" })
                Assert.True((await cloud.Send(Admin, "GET", $"v2.0/{path}?{query}")).Status < 500, $"GET {path}?{query}");
        }
    }

    /// <summary>One of each kind, of the project demo.</summary>
    private static async Task<Dictionary<string, string>> Things(NetworkCloud cloud)
    {
        var (external, _) = await cloud.External();
        var (network, subnet) = await cloud.NetworkWith(Demo);
        var scope = await cloud.Create(Demo, "address_scope", new { name = "s", ip_version = 4 }, "address-scopes");
        var group = await cloud.Create(Demo, "security_group", new { name = "g" }, "security-groups");
        return new()
        {
            ["external"] = external, ["networks"] = network, ["subnets"] = subnet, ["address-scopes"] = scope, ["security-groups"] = group,
            ["subnetpools"] = await cloud.Create(Demo, "subnetpool", new { name = "p", prefixes = new[] { "10.8.0.0/16" } }),
            ["ports"] = await cloud.Create(Demo, "port", new { network_id = network }),
            ["routers"] = await cloud.Create(Demo, "router", new { name = "r" }),
            ["floatingips"] = await cloud.Create(Demo, "floatingip", new { floating_network_id = external }),
            ["security-group-rules"] = await cloud.Create(Demo, "security_group_rule", new { security_group_id = group, direction = "ingress" }, "security-group-rules"),
            ["rbac-policies"] = await cloud.Create(Demo, "rbac_policy", new { object_type = "network", object_id = network, action = "access_as_shared", target_tenant = "third" }, "rbac-policies"),
        };
    }

    private static IEnumerable<object?> Bodies(string method, string pattern, Dictionary<string, string> things)
    {
        if (method is "GET" or "DELETE") return [null];
        if (pattern.EndsWith("/tags", StringComparison.Ordinal)) return [new { tags = new[] { "x" } }];
        if (pattern.EndsWith("_interface", StringComparison.Ordinal)) return [new { subnet_id = things["subnets"] }, new { port_id = things["ports"] }, new { }];
        if (pattern.EndsWith("_prefixes", StringComparison.Ordinal)) return [new { prefixes = new[] { "10.9.0.0/16" } }];
        var name = pattern.Split('/')[2] switch { "rbac-policies" => "rbac_policy", var p => p[..^1].Replace('-', '_') };
        return [new Dictionary<string, object> { [name] = new { } }, new Dictionary<string, object> { [name] = new { description = "x" } }, null];
    }
}
