using System.Net;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.SecurityGroups;

public sealed class SecurityGroupProxyTests
{
    [Theory, OnEachDatabase]
    public async Task Groups_and_rules_are_made_shown_and_deleted_in_novas_form(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = (await cloud.Send("demo", "POST", "/os-security-groups", new { security_group = new { name = "web2", description = "d" } }))["security_group"]["id"].Text;
        Assert.Equal(0, (await cloud.Send("demo", "GET", $"/os-security-groups/{id}"))["security_group"]["rules"].Count);
        var rule = (await cloud.Send("demo", "POST", "/os-security-group-rules", new { security_group_rule = new { parent_group_id = id, ip_protocol = "tcp", from_port = 22, to_port = "22" } }))["security_group_rule"];
        Assert.Equal("""{"cidr":"0.0.0.0/0"}""", rule["ip_range"].ToString());
        Assert.Equal("{}", rule["group"].ToString());
        var fromGroup = (await cloud.Send("demo", "POST", "/os-security-group-rules", new { security_group_rule = new { parent_group_id = id, ip_protocol = "icmp", from_port = -1, to_port = -1, group_id = id } }))["security_group_rule"];
        Assert.Equal("web2", fromGroup["group"]["name"].Text);
        Assert.Equal(-1, fromGroup["from_port"].Number);
        Assert.Equal(2, (await cloud.Send("demo", "GET", $"/os-security-groups/{id}"))["security_group"]["rules"].Count);
        foreach (var (name, from, to) in new (string, int, int)[] { ("999x", 22, 22), ("tcp", 65536, 65536), ("tcp", 22, 21), ("tcp", 22, 65536) })
            await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", "/os-security-group-rules", new { security_group_rule = new { parent_group_id = id, ip_protocol = name, from_port = from, to_port = to } });
        await cloud.Send("demo", "DELETE", $"/os-security-group-rules/{rule["id"].Text}");
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "DELETE", $"/os-security-group-rules/{rule["id"].Text}");
        await cloud.Send("demo", "PUT", $"/os-security-groups/{id}", new { security_group = new { name = "web3", description = "" } });
        await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", $"/os-security-groups/{id}");
        await cloud.Send("demo", "DELETE", $"/os-security-groups/{id}");
        Assert.Equal($"Security group {id} not found.", await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", $"/os-security-groups/{id}"));
        await cloud.Refused(HttpStatusCode.BadRequest, "demo", "GET", "/os-security-groups/nope");
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", "/os-security-groups", version: "2.36");
        var server = await cloud.Boot();
        Assert.Equal("default", (await cloud.Send("demo", "GET", $"/servers/{server}/os-security-groups"))["security_groups"][0]["name"].Text);
    }
}
