using System.Net;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.Flavors;

public sealed class FlavorTests
{
    [Theory, OnEachDatabase]
    public async Task Flavors_are_made_shown_described_and_deleted(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var made = (await cloud.Send("admin", "POST", "/flavors", new { flavor = new { name = "c1", id = "c1", ram = "256", vcpus = 2, disk = 0, swap = 64, rxtx_factor = 1.5, description = "small" } }, "2.55"))["flavor"];
        Assert.Equal("small", made["description"].Text);
        Assert.Equal("1.5", made["rxtx_factor"].ToString());
        var shown = (await cloud.Send("demo", "GET", $"/flavors/{cloud.Flavor}"))["flavor"];
        Assert.Equal("1.0", shown["rxtx_factor"].ToString());
        Assert.Equal("", shown["swap"].Text);
        Assert.Equal(0, (await cloud.Send("demo", "GET", $"/flavors/{cloud.Flavor}", version: "2.75"))["flavor"]["swap"].Number);
        Assert.Equal("other", (await cloud.Send("admin", "PUT", "/flavors/c1", new { flavor = new { description = "other" } }, "2.55"))["flavor"]["description"].Text);
        Assert.Equal("Flavor with name c1 already exists.", await cloud.Refused(HttpStatusCode.Conflict, "admin", "POST", "/flavors", new { flavor = new { name = "c1", ram = 1, vcpus = 1, disk = 1 } }));
        Assert.Equal("Flavor with ID c1 already exists.", await cloud.Refused(HttpStatusCode.Conflict, "admin", "POST", "/flavors", new { flavor = new { name = "c2", id = "c1", ram = 1, vcpus = 1, disk = 1 } }));
        await cloud.Refused(HttpStatusCode.Forbidden, "demo", "POST", "/flavors", new { flavor = new { name = "x", ram = 1, vcpus = 1, disk = 1 } });
        await cloud.Refused(HttpStatusCode.BadRequest, "admin", "POST", "/flavors", new { flavor = new { name = "x", ram = 0, vcpus = 1, disk = 1 } });
        Assert.Equal(1, (await cloud.Send("demo", "GET", "/flavors/detail?minRam=500"))["flavors"].Count);
        Assert.Equal("c1", (await cloud.Send("demo", "GET", "/flavors?sort_key=memory_mb&limit=1"))["flavors"][0]["id"].Text);
        using (var answer = await cloud.Try("admin", "DELETE", "/flavors/c1")) Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("Flavor c1 could not be found.", await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", "/flavors/c1"));
    }

    [Theory, OnEachDatabase]
    public async Task Private_flavors_are_for_those_who_were_given_them(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        await cloud.Send("admin", "POST", "/flavors", new Dictionary<string, object> { ["flavor"] = new Dictionary<string, object> { ["name"] = "p", ["id"] = "p", ["ram"] = 1, ["vcpus"] = 1, ["disk"] = 1, ["os-flavor-access:is_public"] = false } });
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", "/flavors/p");
        await cloud.Send("admin", "POST", "/flavors/p/action", new { addTenantAccess = new { tenant = Fakes.FakeTokens.DemoProject } });
        await cloud.Refused(HttpStatusCode.Conflict, "admin", "POST", "/flavors/p/action", new { addTenantAccess = new { tenant = Fakes.FakeTokens.DemoProject } });
        await cloud.Refused(HttpStatusCode.BadRequest, "admin", "POST", "/flavors/p/action", new { addTenantAccess = new { tenant = "nobody" } });
        await cloud.Send("demo", "GET", "/flavors/p");
        Assert.Equal(2, (await cloud.Send("demo", "GET", "/flavors"))["flavors"].Count);
        Assert.Equal(2, (await cloud.Send("admin", "GET", "/flavors?is_public=none"))["flavors"].Count);
        await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", "/flavors/p");
        await cloud.Send("admin", "POST", "/flavors/p/action", new { removeTenantAccess = new { tenant = Fakes.FakeTokens.DemoProject } });
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", "/flavors/p");
    }

    [Theory, OnEachDatabase]
    public async Task Extra_specs_are_kept_and_checked_since_2_86(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var path = $"/flavors/{cloud.Flavor}/os-extra_specs";
        await cloud.Send("admin", "POST", path, new { extra_specs = new Dictionary<string, object> { ["hw:cpu_policy"] = "shared", ["a:b"] = 1 } });
        await cloud.Send("admin", "PUT", path + "/a:b", new Dictionary<string, object> { ["a:b"] = "2" });
        Assert.Equal("""{"extra_specs":{"a:b":"2","hw:cpu_policy":"shared"}}""", (await cloud.Send("demo", "GET", path)).ToString());
        await cloud.Refused(HttpStatusCode.BadRequest, "admin", "POST", path, new { extra_specs = new Dictionary<string, object> { ["hw:cpu_policy"] = "wild" } }, "2.86");
        await cloud.Send("admin", "DELETE", path + "/a:b");
        Assert.Equal($"Flavor {cloud.Flavor} has no extra specs with key a:b.", await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", path + "/a:b"));
        Assert.Equal("shared", (await cloud.Send("demo", "GET", $"/flavors/{cloud.Flavor}", version: "2.61"))["flavor"]["extra_specs"]["hw:cpu_policy"].Text);
    }
}
