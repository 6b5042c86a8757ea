using System.Text.Json.Nodes;
using Nephos.Testing;
using static Nephos.Network.Tests.NetworkCloud;

namespace Nephos.Network.Tests;

public sealed class NetworkTests
{
    [Theory, OnEachDatabase]
    public async Task Networks_are_made_shown_changed_and_deleted(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var made = (await cloud.Ok(Demo, "POST", "v2.0/networks", new { network = new { name = "a", description = "d" } }))["network"]!;
        Assert.Equal(("a", "ACTIVE", "demo", "demo", 1450, 1), ((string?)made["name"], (string?)made["status"], (string?)made["project_id"], (string?)made["tenant_id"], (int)made["mtu"]!, (int)made["revision_number"]!));
        Assert.False(((JsonObject)made).ContainsKey("provider:network_type"));
        var id = (string)made["id"]!;
        var seen = (await cloud.Ok(Admin, "GET", $"v2.0/networks/{id}"))["network"]!;
        Assert.Equal(("vxlan", 1), ((string?)seen["provider:network_type"], (int)seen["provider:segmentation_id"]!));
        Assert.Equal("b", (string?)(await cloud.Ok(Demo, "PUT", $"v2.0/networks/{id}", new { network = new { name = "b" } }))["network"]!["name"]);
        await cloud.Ok(Demo, "DELETE", $"v2.0/networks/{id}");
        Assert.Equal($"Network {id} could not be found.", await cloud.Refused(Demo, "GET", $"v2.0/networks/{id}", null, 404, "NetworkNotFound"));
    }

    [Theory, OnEachDatabase]
    public async Task Several_are_made_at_once_or_none(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var answer = await cloud.Ok(Demo, "POST", "v2.0/networks", new { networks = new[] { new { name = "a" }, new { name = "b" } } });
        Assert.Equal(["a", "b"], ((JsonArray)answer["networks"]!).Select(n => (string?)n!["name"]));
        await cloud.Refused(Demo, "POST", "v2.0/networks", new { networks = new object[] { new { name = "c" }, new { name = "d", shared = true } } }, 403, "PolicyNotAuthorized");
        Assert.Equal(2, ((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/networks"))["networks"]!).Count);
    }

    [Theory, OnEachDatabase]
    public async Task Lists_are_filtered_sorted_cut_and_paged(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        foreach (var name in new[] { "c", "a", "b", "d" }) await cloud.Create(Demo, "network", new { name });
        async Task<string[]> Names(string query) => [.. ((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/networks?" + query))["networks"]!).Select(n => (string)n!["name"]!)];
        Assert.Equal(["a", "c"], (await Names("name=a&name=c")).Order());
        Assert.Equal(["d", "c", "b", "a"], await Names("sort_key=name&sort_dir=desc"));
        var page = await cloud.Ok(Demo, "GET", "v2.0/networks?sort_key=name&sort_dir=asc&limit=2&fields=name&fields=id");
        Assert.Equal(["a", "b"], ((JsonArray)page["networks"]!).Select(n => (string?)n!["name"]));
        Assert.Equal(["id", "name"], ((JsonObject)page["networks"]![0]!).Select(p => p.Key).Order());
        var next = (string)((JsonArray)page["networks_links"]!).Single(l => (string?)l!["rel"] == "next")!["href"]!;
        Assert.Equal(["c", "d"], ((JsonArray)(await cloud.Ok(Demo, "GET", next))["networks"]!).Select(n => (string?)n!["name"]));
        await cloud.Refused(Demo, "GET", "v2.0/networks?colour=red", null, 400, "HTTPBadRequest");
        await cloud.Refused(Demo, "GET", "v2.0/networks?sort_key=colour&sort_dir=asc", null, 400, "HTTPBadRequest");
        await cloud.Refused(Demo, "GET", "v2.0/networks?limit=x", null, 400, "BadRequest");
        Assert.Equal(4, (await Names("shared=False&router:external=False&admin_state_up=true")).Length);
    }

    [Theory, OnEachDatabase]
    public async Task A_change_may_depend_on_the_revision(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var id = await cloud.Create(Demo, "network", new { name = "a" });
        Assert.Equal(412, (await cloud.Send(Demo, "PUT", $"v2.0/networks/{id}", new { network = new { name = "b" } }, "revision_number=7")).Status);
        Assert.Equal(200, (await cloud.Send(Demo, "PUT", $"v2.0/networks/{id}", new { network = new { name = "b" } }, "revision_number=1")).Status);
        Assert.Equal(412, (await cloud.Send(Demo, "DELETE", $"v2.0/networks/{id}", null, "revision_number=1")).Status);
    }

    [Theory, OnEachDatabase]
    public async Task Others_see_what_is_shared_and_nothing_else(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var (mine, subnet) = await cloud.NetworkWith(Demo);
        foreach (var (method, body) in new (string, object?)[] { ("GET", null), ("PUT", new { network = new { name = "x" } }), ("DELETE", null) })
            await cloud.Refused(Other, method, $"v2.0/networks/{mine}", body, 404, "NetworkNotFound");
        await cloud.Refused(Other, "POST", "v2.0/ports", new { port = new { network_id = mine } }, 404, "NetworkNotFound");
        await cloud.Refused(Reader, "POST", "v2.0/networks", new { network = new { name = "x" } }, 403, "PolicyNotAuthorized");
        await cloud.Refused(Reader, "DELETE", $"v2.0/networks/{mine}", null, 403, "PolicyNotAuthorized");
        var rbac = await cloud.Create(Demo, "rbac_policy", new { object_type = "network", object_id = mine, action = "access_as_shared", target_tenant = "other" }, "rbac-policies");
        Assert.True((bool)(await cloud.Ok(Other, "GET", $"v2.0/networks/{mine}"))["network"]!["shared"]!);
        await cloud.Ok(Other, "GET", $"v2.0/subnets/{subnet}");
        var port = await cloud.Create(Other, "port", new { network_id = mine });
        await cloud.Refused(Other, "DELETE", $"v2.0/networks/{mine}", null, 403, "PolicyNotAuthorized");
        await cloud.Refused(Other, "POST", "v2.0/subnets", new { subnet = new { network_id = mine, cidr = "10.9.0.0/24", ip_version = 4 } }, 403, "PolicyNotAuthorized");
        await cloud.Refused(Demo, "DELETE", $"v2.0/rbac-policies/{rbac}", null, 409, "RbacPolicyInUse");
        await cloud.Ok(Other, "DELETE", $"v2.0/ports/{port}");
        await cloud.Ok(Demo, "DELETE", $"v2.0/rbac-policies/{rbac}");
        await cloud.Refused(Demo, "POST", "v2.0/rbac-policies", new { rbac_policy = new { object_type = "network", object_id = mine, action = "access_as_shared", target_tenant = "*" } }, 403, "PolicyNotAuthorized");
    }

    [Theory, OnEachDatabase]
    public async Task Provider_attributes_take_numbers_that_are_free(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        object Vlan(int id) => new Dictionary<string, object> { ["provider:network_type"] = "vlan", ["provider:physical_network"] = "physnet", ["provider:segmentation_id"] = id };
        await cloud.Create(Admin, "network", Vlan(5));
        await cloud.Refused(Admin, "POST", "v2.0/networks", new { network = Vlan(5) }, 409, "VlanIdInUse");
        await cloud.Refused(Admin, "POST", "v2.0/networks", new { network = Vlan(5000) }, 400, "InvalidInput");
        await cloud.Refused(Demo, "POST", "v2.0/networks", new { network = Vlan(6) }, 403, "PolicyNotAuthorized");
        await cloud.External();
        await cloud.Refused(Admin, "POST", "v2.0/networks", new { network = new Dictionary<string, object> { ["provider:network_type"] = "flat", ["provider:physical_network"] = "external" } }, 409, "FlatNetworkInUse");
    }

    [Theory, OnEachDatabase]
    public async Task Bodies_are_checked_in_upstreams_words(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        Assert.Equal("Unrecognized attribute(s) 'colour'", await cloud.Refused(Demo, "POST", "v2.0/networks", new { network = new { colour = "red" } }, 400, "HTTPBadRequest"));
        Assert.Equal("Invalid input for name. Reason: '1' is not a valid string.", await cloud.Refused(Demo, "POST", "v2.0/networks", new { network = new { name = 1 } }, 400, "HTTPBadRequest"));
        Assert.Equal("Attribute 'status' not allowed in POST", await cloud.Refused(Demo, "POST", "v2.0/networks", new { network = new { status = "x" } }, 400, "HTTPBadRequest"));
        Assert.Equal("Unable to find 'network' in request body", await cloud.Refused(Demo, "POST", "v2.0/networks", new { }, 400, "HTTPBadRequest"));
        await cloud.Refused(Demo, "POST", "v2.0/networks", "{", 400, "HTTPBadRequest");
        await cloud.Refused(Demo, "POST", "v2.0/networks", null, 400, "HTTPBadRequest");
        await cloud.Refused(Demo, "POST", "v2.0/networks", new { network = new { project_id = "other" } }, 400, "HTTPBadRequest");
        Assert.Equal("Failed to parse request. Required attribute 'network_id' not specified", await cloud.Refused(Demo, "POST", "v2.0/ports", new { port = new { } }, 400, "HTTPBadRequest"));
        await cloud.Refused(Demo, "GET", "v2.0/nothing", null, 404, "HTTPNotFound");
    }

    [Theory, OnEachDatabase]
    public async Task Tags_are_set_asked_for_and_filtered_by(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var (a, b) = (await cloud.Create(Demo, "network", new { name = "a" }), await cloud.Create(Demo, "network", new { name = "b" }));
        await cloud.Ok(Demo, "PUT", $"v2.0/networks/{a}/tags", new { tags = new[] { "red", "blue" } });
        await cloud.Ok(Demo, "PUT", $"v2.0/networks/{b}/tags/red", null, 201);
        await cloud.Ok(Demo, "GET", $"v2.0/networks/{b}/tags/red", null, 204);
        await cloud.Refused(Demo, "GET", $"v2.0/networks/{b}/tags/blue", null, 404, "TagNotFound");
        async Task<string> Names(string query) => string.Join("", ((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/networks?sort_key=name&sort_dir=asc&" + query))["networks"]!).Select(n => (string)n!["name"]!));
        Assert.Equal(("a", "ab", "b", ""), (await Names("tags=red,blue"), await Names("tags-any=red,blue"), await Names("not-tags=red,blue"), await Names("not-tags-any=red,blue")));
        await cloud.Ok(Demo, "DELETE", $"v2.0/networks/{a}/tags/red");
        await cloud.Ok(Demo, "DELETE", $"v2.0/networks/{b}/tags");
        Assert.Equal(["blue"], ((JsonArray)(await cloud.Ok(Demo, "GET", $"v2.0/networks/{a}/tags"))["tags"]!).Select(t => (string?)t));
        await cloud.Refused(Other, "GET", $"v2.0/networks/{a}/tags", null, 404, "TagResourceNotFound");
    }

    [Theory, OnEachDatabase]
    public async Task Quotas_are_shown_set_and_kept(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        Assert.Equal(100, (int)(await cloud.Ok(Demo, "GET", "v2.0/quotas/demo"))["quota"]!["network"]!);
        await cloud.Refused(Other, "GET", "v2.0/quotas/demo", null, 403, "PolicyNotAuthorized");
        await cloud.Refused(Demo, "PUT", "v2.0/quotas/demo", new { quota = new { network = 5 } }, 403, "PolicyNotAuthorized");
        await cloud.Ok(Admin, "PUT", "v2.0/quotas/demo", new { quota = new { network = 1 } });
        await cloud.Create(Demo, "network", new { name = "a" });
        Assert.Equal("Quota exceeded for resources: ['network'].", await cloud.Refused(Demo, "POST", "v2.0/networks", new { network = new { name = "b" } }, 409, "OverQuota"));
        Assert.Equal(1, (int)(await cloud.Ok(Demo, "GET", "v2.0/quotas/demo/details.json"))["quota"]!["network"]!["used"]!);
        Assert.Single((JsonArray)(await cloud.Ok(Admin, "GET", "v2.0/quotas"))["quotas"]!);
        await cloud.Ok(Admin, "DELETE", "v2.0/quotas/demo");
        Assert.Equal(100, (int)(await cloud.Ok(Demo, "GET", "v2.0/quotas/demo/default"))["quota"]!["network"]!);
    }

    [Fact]
    public async Task What_there_is_can_be_discovered()
    {
        await using var cloud = await Start();
        Assert.Equal("v2.0", (string?)(await cloud.Ok(Demo, "GET", ""))["versions"]![0]!["id"]);
        Assert.Contains("subnet", ((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/"))["resources"]!).Select(r => (string?)r!["name"]));
        var all = (JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/extensions"))["extensions"]!;
        foreach (var extension in all)
            Assert.True(JsonNode.DeepEquals(extension, (await cloud.Ok(Demo, "GET", $"v2.0/extensions/{extension!["alias"]}.json"))["extension"]));
        Assert.DoesNotContain("metering", all.Select(e => (string?)e!["alias"]));
        await cloud.Refused(Demo, "GET", "v2.0/extensions/qos", null, 404, "HTTPNotFound");
        Assert.Equal(2, ((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/availability_zones"))["availability_zones"]!).Count);
        Assert.NotEmpty((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/service-providers"))["service_providers"]!);
    }
}
