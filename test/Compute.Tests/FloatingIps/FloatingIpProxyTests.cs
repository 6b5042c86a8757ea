using System.Net;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.FloatingIps;

public sealed class FloatingIpProxyTests
{
    [Theory, OnEachDatabase]
    public async Task An_address_is_taken_put_before_a_server_and_given_back(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        Assert.Equal("public", (await cloud.Send("demo", "GET", "/os-floating-ip-pools"))["floating_ip_pools"][0]["name"].Text);
        var made = (await cloud.Send("demo", "POST", "/os-floating-ips", new { pool = "public" }))["floating_ip"];
        var (id, address) = (made["id"].Text, made["ip"].Text);
        Assert.Equal(("public", true, true), (made["pool"].Text, made["fixed_ip"].IsNull, made["instance_id"].IsNull));
        var server = await cloud.Boot();
        await cloud.Send("demo", "POST", $"/servers/{server}/action", new { addFloatingIp = new { address } });
        Assert.Equal(2, (await cloud.Send("demo", "GET", $"/servers/{server}"))["server"]["addresses"]["private"].Count);
        var shown = (await cloud.Send("demo", "GET", $"/os-floating-ips/{id}"))["floating_ip"];
        Assert.Equal(server.ToString(), shown["instance_id"].Text);
        Assert.Equal(shown.ToString(), (await cloud.Send("demo", "GET", "/os-floating-ips"))["floating_ips"][0].ToString());

        // Another cannot go before the same address.
        var second = (await cloud.Send("demo", "POST", "/os-floating-ips"))["floating_ip"];
        Assert.Contains("already has a floating IP", await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", $"/servers/{server}/action", new { addFloatingIp = new { address = second["ip"].Text } }), StringComparison.Ordinal);
        Assert.Equal("IP allocation over quota in pool public.", await cloud.Refused(HttpStatusCode.Forbidden, "demo", "POST", "/os-floating-ips", new { pool = "public" }));

        await cloud.Send("demo", "POST", $"/servers/{server}/action", new { removeFloatingIp = new { address } });
        Assert.Equal(1, (await cloud.Send("demo", "GET", $"/servers/{server}"))["server"]["addresses"]["private"].Count);
        Assert.Equal($"Floating IP {address} is not associated with instance {server}.", await cloud.Refused(HttpStatusCode.Conflict, "demo", "POST", $"/servers/{server}/action", new { removeFloatingIp = new { address } }));

        // One that is deleted while it is before a server leaves it.
        await cloud.Send("demo", "POST", $"/servers/{server}/action", new { addFloatingIp = new { address } });
        await cloud.Send("demo", "DELETE", $"/os-floating-ips/{id}");
        Assert.Equal(1, (await cloud.Send("demo", "GET", $"/servers/{server}"))["server"]["addresses"]["private"].Count);
        Assert.Equal($"Floating IP not found for ID {id}", await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", $"/os-floating-ips/{id}"));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_others_see_nothing()
    {
        await using var cloud = await TestCloud.Start();
        var made = (await cloud.Send("demo", "POST", "/os-floating-ips"))["floating_ip"];
        var server = await cloud.Boot();
        await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", $"/os-floating-ips/{made["id"].Text}");
        await cloud.Refused(HttpStatusCode.NotFound, "other", "DELETE", $"/os-floating-ips/{made["id"].Text}");
        Assert.Equal(0, (await cloud.Send("other", "GET", "/os-floating-ips"))["floating_ips"].Count);
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", "/os-floating-ips/nope");
        Assert.Equal("Floating IP pool not found.", await cloud.Refused(HttpStatusCode.NotFound, "demo", "POST", "/os-floating-ips", new { pool = "nope" }));
        Assert.Equal("floating IP not found", await cloud.Refused(HttpStatusCode.NotFound, "demo", "POST", $"/servers/{server}/action", new { addFloatingIp = new { address = "198.51.100.1" } }));
        Assert.Equal("floating IP not found", await cloud.Refused(HttpStatusCode.NotFound, "demo", "POST", $"/servers/{server}/action", new { removeFloatingIp = new { address = "198.51.100.1" } }));
        Assert.Equal("Specified fixed address not assigned to instance",
            await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", $"/servers/{server}/action", new { addFloatingIp = new { address = made["ip"].Text, fixed_address = "10.9.9.9" } }));
        await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", $"/servers/{server}/action", new { addFloatingIp = new { address = "no address" } });
        await cloud.Refused(HttpStatusCode.Forbidden, "reader", "POST", "/os-floating-ips");
        await cloud.Refused(HttpStatusCode.Forbidden, "reader", "POST", $"/servers/{server}/action", new { addFloatingIp = new { address = made["ip"].Text } });
        foreach (var path in (string[])["/os-floating-ips", "/os-floating-ip-pools"]) Assert.Equal(HttpStatusCode.NotFound, (await cloud.Try("demo", "GET", path, version: "2.36")).StatusCode);
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "POST", $"/servers/{server}/action", new { addFloatingIp = new { address = made["ip"].Text } }, version: "2.44");
    }
}
