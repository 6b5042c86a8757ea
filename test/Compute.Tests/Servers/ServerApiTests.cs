using System.Net;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.Servers;

public sealed class ServerApiTests
{
    [Theory, OnEachDatabase]
    public async Task Lists_are_filtered_sorted_and_paged(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var ids = new List<Guid>();
        foreach (var name in (string[])["alpha", "beta", "gamma"]) ids.Add(await cloud.Boot(server: new { name, imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor }));
        async Task<string> Names(string query, string token = "demo") => string.Join(' ', (await cloud.Send(token, "GET", "/servers" + query, version: "2.93"))["servers"].Items.Select(s => s["name"].Text));
        Assert.Equal("gamma beta alpha", await Names(""));
        Assert.Equal("alpha beta gamma", await Names("?sort_key=display_name&sort_dir=asc"));
        Assert.Equal("beta", await Names("?name=et"));
        Assert.Equal("gamma alpha", await Names("?name=^(a|g)"));
        Assert.Equal("alpha", await Names("?ip=10.0.0.11"));
        Assert.Equal("gamma beta alpha", await Names("?status=active"));
        Assert.Equal("", await Names("?status=SHUTOFF"));
        Assert.Equal("", await Names("", "other"));
        Assert.Equal("", await Names("", "admin"));
        Assert.Equal("gamma beta alpha", await Names("?all_tenants=1", "admin"));
        Assert.Equal("", await Names($"?image={Guid.Empty}"));
        Assert.Equal("gamma beta alpha", await Names($"?flavor={cloud.Flavor}"));
        Assert.Contains("get_all_tenants", await cloud.Refused(HttpStatusCode.Forbidden, "demo", "GET", "/servers?all_tenants=1"), StringComparison.Ordinal);

        var page = await cloud.Send("demo", "GET", "/servers?limit=2");
        Assert.Equal(2, page["servers"].Count);
        var next = new Uri(page["servers_links"][0]["href"].Text).PathAndQuery;
        Assert.Equal("alpha", (await cloud.Send("demo", "GET", next["/compute/v2.1".Length..]))["servers"][0]["name"].Text);
        Assert.Equal(0, (await cloud.Send("demo", "GET", "/servers?limit=0"))["servers"].Count);

        await cloud.Send("demo", "DELETE", $"/servers/{ids[0]}");
        await cloud.UntilGone(ids[0]);
        Assert.Equal("alpha", await Names("?all_tenants=1&deleted=true", "admin"));
        Assert.Contains("alpha", await Names("?changes-since=2020-01-01T00:00:00Z"), StringComparison.Ordinal);
        Assert.Equal("DELETED", (await cloud.Send("admin", "GET", "/servers/detail?all_tenants=1&status=deleted"))["servers"][0]["status"].Text);
    }

    [Theory, OnEachDatabase]
    public async Task Servers_of_other_projects_are_not_there(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = await cloud.Boot();
        foreach (var path in (string[])["", "/metadata", "/ips", "/os-interface", "/os-instance-actions", "/os-server-password"])
            Assert.Equal($"Instance {id} could not be found.", await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", $"/servers/{id}{path}"));
        Assert.Equal($"Instance {id} could not be found.", await cloud.Refused(HttpStatusCode.NotFound, "other", "DELETE", $"/servers/{id}"));
        Assert.Equal("Policy doesn't allow os_compute_api:servers:delete to be performed.", await cloud.Refused(HttpStatusCode.Forbidden, "reader", "DELETE", $"/servers/{id}"));
        Assert.Equal("Instance nope could not be found.", await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", "/servers/nope"));
    }

    [Theory, OnEachDatabase]
    public async Task Bad_requests_are_refused_in_the_words_of_nova(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        Task<string> Bad(object server, string? version = null) => cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", "/servers", new { server }, version);
        var (image, flavor) = (cloud.Images.Cirros.Id, cloud.Flavor);
        Assert.Equal("Can not find requested image", await Bad(new { name = "x", imageRef = Guid.NewGuid(), flavorRef = flavor }));
        Assert.Equal("Flavor 99 could not be found.", await Bad(new { name = "x", imageRef = image, flavorRef = "99" }));
        Assert.Equal("Invalid key_name provided.", await Bad(new { name = "x", imageRef = image, flavorRef = flavor, key_name = "none" }));
        Assert.Equal("min_count must be <= max_count", await Bad(new { name = "x", imageRef = image, flavorRef = flavor, min_count = 3, max_count = 2 }));
        Assert.StartsWith("Invalid input for field/attribute name. Value: .", await Bad(new { name = "", imageRef = image, flavorRef = flavor }), StringComparison.Ordinal);
        Assert.Equal("Security group nope not found.", await Bad(new { name = "x", imageRef = image, flavorRef = flavor, security_groups = new[] { new { name = "nope" } } }));
        Assert.StartsWith("Invalid input for field/attribute server.", await Bad(new { name = "x", imageRef = image, flavorRef = flavor }, "2.37"), StringComparison.Ordinal);
        Assert.Equal("There is no such action: frob", await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", $"/servers/{Guid.NewGuid()}/action", new { frob = 1 }));
        cloud.Networks.All.Add(cloud.Networks.All[0] with { Id = Guid.NewGuid(), Name = "second" });
        Assert.Equal("Multiple possible networks found, use a Network ID to be more specific.",
            await cloud.Refused(HttpStatusCode.Conflict, "demo", "POST", "/servers", new { server = new { name = "x", imageRef = image, flavorRef = flavor } }));
        Assert.Equal("Version 2.99 is not supported by the API. Minimum is 2.1 and maximum is 2.93.", await cloud.Refused(HttpStatusCode.NotAcceptable, "demo", "GET", "/servers", version: "2.99"));
        using var unknown = await cloud.Try("demo", "GET", "/frobs");
        Assert.Equal("text/html; charset=UTF-8", unknown.Content.Headers.ContentType!.ToString());
        using var nobody = await cloud.Try(null, "GET", "/servers");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Theory, OnEachDatabase]
    public async Task Quotas_hold_and_many_servers_are_made_at_once(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        await cloud.Send("admin", "PUT", $"/os-quota-sets/{Fakes.FakeTokens.DemoProject}", new { quota_set = new { instances = 3 } });
        var made = await cloud.Send("demo", "POST", "/servers", new { server = new { name = "many", imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor, min_count = 1, max_count = 5, return_reservation_id = true } });
        var servers = (await cloud.Send("demo", "GET", $"/servers?reservation_id={made["reservation_id"].Text}&sort_key=display_name&sort_dir=asc"))["servers"];
        Assert.Equal(["many-1", "many-2", "many-3"], servers.Items.Select(s => s["name"].Text));
        Assert.Equal("Quota exceeded for instances: Requested 1, but already used 3 of 3 instances",
            await cloud.Refused(HttpStatusCode.Forbidden, "demo", "POST", "/servers", new { server = new { name = "x", imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor } }));
        Assert.Equal(3, (await cloud.Send("demo", "GET", "/limits"))["limits"]["absolute"]["totalInstancesUsed"].Number);
        Assert.Equal(3, (await cloud.Send("demo", "GET", $"/os-quota-sets/{Fakes.FakeTokens.DemoProject}/detail"))["quota_set"]["instances"]["in_use"].Number);
        await Task.WhenAll(servers.Items.Select(s => cloud.Until(Guid.Parse(s["id"].Text), "ACTIVE")));
    }

    [Theory, OnEachDatabase]
    public async Task What_a_server_shows_follows_the_version_and_the_caller(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = await cloud.Boot();
        async Task<Doc> Show(string token, string version) => (await cloud.Send(token, "GET", $"/servers/{id}", version: version))["server"];
        var old = await Show("demo", "2.1");
        Assert.Equal(cloud.Flavor, old["flavor"]["id"].Text);
        Assert.False(old.Has("locked") || old.Has("tags") || old.Has("description") || old.Has("OS-EXT-SRV-ATTR:host"));
        var latest = await Show("demo", "2.93");
        Assert.Equal("m1.tiny", latest["flavor"]["original_name"].Text);
        Assert.True(latest.Has("locked") && latest.Has("tags") && latest.Has("server_groups") && latest.Has("OS-EXT-SRV-ATTR:hostname"));
        Assert.False(latest.Has("host_status"));
        var admin = await Show("admin", "2.93");
        Assert.Equal("UP", admin["host_status"].Text);
        Assert.Equal(admin["hostId"].Text, latest["hostId"].Text);
        Assert.Equal(56, latest["hostId"].Text.Length);
        Assert.Equal(HttpStatusCode.NotFound, (await cloud.Try("demo", "GET", $"/servers/{id}/tags", version: "2.25")).StatusCode);
        Assert.Equal("v2", new Uri((await cloud.Send("demo", "GET", $"/servers/{id}", root: "/compute/v2"))["server"]["links"][0]["href"].Text).Segments[2].TrimEnd('/'));
    }

    [Theory, OnEachDatabase]
    public async Task Metadata_tags_lock_and_update_work(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = await cloud.Boot();
        var path = $"/servers/{id}";
        await cloud.Send("demo", "POST", path + "/metadata", new { metadata = new { a = "1", b = "2" } });
        await cloud.Send("demo", "PUT", path + "/metadata/a", new { meta = new { a = "3" } });
        await cloud.Send("demo", "DELETE", path + "/metadata/b");
        Assert.Equal("""{"metadata":{"a":"3"}}""", (await cloud.Send("demo", "GET", path + "/metadata")).ToString());
        await cloud.Send("demo", "PUT", path + "/tags", new { tags = new[] { "red", "100%_\"x\"" } }, "2.26");
        await cloud.Send("demo", "PUT", path + "/tags/blue", null, "2.26");
        Assert.Equal(1, (await cloud.Send("demo", "GET", "/servers?tags=red,blue", version: "2.26"))["servers"].Count);
        Assert.Equal(0, (await cloud.Send("demo", "GET", "/servers?tags=re", version: "2.26"))["servers"].Count);
        Assert.Equal(1, (await cloud.Send("demo", "GET", "/servers?tags-any=" + Uri.EscapeDataString("100%_\"x\""), version: "2.26"))["servers"].Count);
        Assert.Equal(0, (await cloud.Send("demo", "GET", "/servers?not-tags=red", version: "2.26"))["servers"].Count);

        Assert.Equal("new", (await cloud.Send("demo", "PUT", path, new { server = new { name = "new", accessIPv4 = "192.0.2.9" } }))["server"]["name"].Text);
        await cloud.Send("demo", "POST", path + "/action", new { @lock = new { locked_reason = "mine" } }, "2.73");
        Assert.Equal($"Instance {id} is locked", await cloud.Refused(HttpStatusCode.Conflict, "demo", "DELETE", path));
        Assert.Equal("mine", (await cloud.Send("demo", "GET", path, version: "2.73"))["server"]["locked_reason"].Text);
        await cloud.Send("demo", "POST", path + "/action", new Dictionary<string, object?> { ["unlock"] = null });
        await cloud.Send("admin", "POST", path + "/action", new Dictionary<string, object?> { ["os-resetState"] = new { state = "error" } });
        Assert.Equal("ERROR", (await cloud.Send("demo", "GET", path))["server"]["status"].Text);
    }

    [Theory, OnEachDatabase]
    public async Task Cards_groups_console_images_and_actions_work(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = await cloud.Boot();
        var path = $"/servers/{id}";
        Assert.Equal("line 3\n", (await cloud.Send("demo", "POST", path + "/action", new Dictionary<string, object?> { ["os-getConsoleOutput"] = new { length = 2 } }))["output"].Text);
        await cloud.Send("demo", "POST", path + "/action", new { addSecurityGroup = new { name = "web" } });
        Assert.Equal(["default", "web"], (await cloud.Send("demo", "GET", path))["server"]["security_groups"].Items.Select(g => g["name"].Text));
        await cloud.Send("demo", "POST", path + "/action", new { removeSecurityGroup = new { name = "web" } });

        var own = cloud.Networks.AddPort();
        var card = (await cloud.Send("demo", "POST", path + "/os-interface", new { interfaceAttachment = new { port_id = own.Id } }))["interfaceAttachment"];
        Assert.Equal(own.Id.ToString(), card["port_id"].Text);
        Assert.Equal(2, (await cloud.Send("demo", "GET", path + "/os-interface"))["interfaceAttachments"].Count);
        Assert.Equal(2, cloud.Node.Guests[id].Item.Guest.Nics.Count);
        await cloud.Send("demo", "DELETE", $"{path}/os-interface/{own.Id}");
        for (var i = 0; cloud.Networks.Existing[own.Id].DeviceId.Length > 0 && i < 3000; i++) await Task.Delay(20);
        Assert.Equal("", cloud.Networks.Existing[own.Id].DeviceId);

        await cloud.Send("demo", "POST", path + "/action", new { addFixedIp = new { networkId = cloud.Networks.All[0].Id } });
        Assert.Equal(2, (await cloud.Send("demo", "GET", path + "/ips/private"))["private"].Count);
        cloud.Networks.Float(id, "203.0.113.9");
        for (var i = 0; i < 1200 && !(await cloud.Send("demo", "GET", path)).ToString().Contains("203.0.113.9", StringComparison.Ordinal); i++) await Task.Delay(50);
        Assert.Contains("203.0.113.9", (await cloud.Send("demo", "GET", path)).ToString(), StringComparison.Ordinal);

        var image = Guid.Parse((await cloud.Send("demo", "POST", path + "/action", new { createImage = new { name = "copy" } }, "2.45"))["image_id"].Text);
        await cloud.Until(id, "ACTIVE");
        Assert.Equal("active", cloud.Images.All[image].Status);
        Assert.Equal("snapshot", cloud.Images.All[image].Properties["image_type"]);

        var actions = (await cloud.Send("demo", "GET", path + "/os-instance-actions"))["instanceActions"];
        Assert.Equal(["createImage", "detach_interface", "attach_interface", "create"], actions.Items.Select(a => a["action"].Text));
        var create = (await cloud.Send("admin", "GET", $"{path}/os-instance-actions/{actions[3]["request_id"].Text}"))["instanceAction"];
        Assert.Equal("compute__do_build_and_run_instance", create["events"][0]["event"].Text);
        Assert.Equal("Success", create["events"][0]["result"].Text);
        Assert.Equal(7, (await cloud.Send("admin", "GET", path + "/diagnostics", version: "2.48"))["uptime"].Number);
        Assert.Equal("", (await cloud.Send("demo", "GET", path + "/os-server-password"))["password"].Text);
    }
}
