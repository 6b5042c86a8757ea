using System.Net;
using Nephos.Compute.Quotas;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.Hosts;

public sealed class HostTests
{
    [Theory, OnEachDatabase]
    public async Task Hypervisors_services_zones_and_statistics_show_the_node(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        await cloud.Boot();
        var old = (await cloud.Send("admin", "GET", "/os-hypervisors/detail"))["hypervisors"][0];
        Assert.Equal(1, old["id"].Number);
        Assert.Equal(1, old["vcpus_used"].Number);
        Assert.Equal(1024, old["memory_mb_used"].Number);
        Assert.Equal(1, old["running_vms"].Number);
        var latest = (await cloud.Send("admin", "GET", "/os-hypervisors?with_servers=true", version: "2.93"))["hypervisors"][0];
        Assert.Equal(cloud.Node.Id.ToString(), latest["id"].Text);
        Assert.Equal(1, latest["servers"].Count);
        Assert.Equal(1, (await cloud.Send("admin", "GET", "/os-hypervisors/statistics"))["hypervisor_statistics"]["count"].Number);
        await cloud.Send("admin", "GET", $"/os-hypervisors/{cloud.Node.Id}", version: "2.53");
        await cloud.Send("admin", "GET", "/os-hypervisors/1/uptime");
        await cloud.Send("admin", "GET", "/os-hypervisors/node/search");
        await cloud.Refused(HttpStatusCode.Forbidden, "demo", "GET", "/os-hypervisors");
        var service = (await cloud.Send("admin", "GET", "/os-services", version: "2.53"))["services"][0];
        Assert.Equal("nova-compute up enabled nova", $"{service["binary"].Text} {service["state"].Text} {service["status"].Text} {service["zone"].Text}");
        Assert.Equal("nova", (await cloud.Send("demo", "GET", "/os-availability-zone"))["availabilityZoneInfo"][0]["zoneName"].Text);

        await cloud.Send("admin", "PUT", $"/os-services/{service["id"].Text}", new { status = "disabled", disabled_reason = "broken fan" }, "2.53");
        var id = await cloud.Boot(status: "ERROR");
        Assert.Equal("No valid host was found. ComputeFilter: the host is disabled (broken fan).", (await cloud.Until(id, "ERROR"))["fault"]["message"].Text);
        await cloud.Send("admin", "PUT", "/os-services/enable", new { host = "node-1", binary = "nova-compute" });
        await cloud.Boot();
        await cloud.Refused(HttpStatusCode.Conflict, "admin", "DELETE", $"/os-services/{service["id"].Text}", version: "2.53");
    }

    [Theory, OnEachDatabase]
    public async Task Aggregates_make_zones_and_servers_go_where_they_are_asked_to(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = (await cloud.Send("admin", "POST", "/os-aggregates", new { aggregate = new { name = "rack", availability_zone = "east" } }))["aggregate"]["id"].Number;
        await cloud.Refused(HttpStatusCode.Conflict, "admin", "POST", "/os-aggregates", new { aggregate = new { name = "rack" } });
        await cloud.Refused(HttpStatusCode.NotFound, "admin", "POST", $"/os-aggregates/{id}/action", new { add_host = new { host = "nope" } });
        await cloud.Send("admin", "POST", $"/os-aggregates/{id}/action", new { add_host = new { host = "node-1" } });
        await cloud.Send("admin", "POST", $"/os-aggregates/{id}/action", new { set_metadata = new { metadata = new { ssd = "true" } } });
        var server = await cloud.Boot(server: new { name = "vm", imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor, availability_zone = "east" });
        Assert.Equal("east", (await cloud.Until(server, "ACTIVE"))["OS-EXT-AZ:availability_zone"].Text);
        Assert.Equal("The requested availability zone is not available",
            await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", "/servers", new { server = new { name = "vm", imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor, availability_zone = "west" } }));
        await cloud.Refused(HttpStatusCode.Forbidden, "demo", "POST", "/servers", new { server = new { name = "vm", imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor, availability_zone = "east:node-1" } });
        await cloud.Refused(HttpStatusCode.BadRequest, "admin", "DELETE", $"/os-aggregates/{id}");
        await cloud.Send("admin", "POST", $"/os-aggregates/{id}/action", new { remove_host = new { host = "node-1" } });
        await cloud.Send("admin", "PUT", $"/os-aggregates/{id}", new { aggregate = new { name = "shelf" } });
        Assert.Equal("shelf", (await cloud.Send("admin", "GET", $"/os-aggregates/{id}"))["aggregate"]["name"].Text);
        await cloud.Send("admin", "DELETE", $"/os-aggregates/{id}");
        await cloud.Refused(HttpStatusCode.NotFound, "admin", "GET", $"/os-aggregates/{id}");
    }

    [Theory, OnEachDatabase]
    public async Task An_anti_affinity_group_takes_one_server_per_host(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var group = (await cloud.Send("demo", "POST", "/os-server-groups", new { server_group = new { name = "apart", policies = new[] { "anti-affinity" } } }))["server_group"]["id"].Text;
        async Task<Guid> Ask() => Guid.Parse((await cloud.Send("demo", "POST", "/servers", new Dictionary<string, object>
        {
            ["server"] = new { name = "vm", imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor }, ["os:scheduler_hints"] = new { group },
        }))["server"]["id"].Text);
        var first = await Ask();
        await cloud.Until(first, "ACTIVE");
        var second = await Ask();
        Assert.Equal("No valid host was found. ServerGroupAntiAffinityFilter: 1 of the server group are there, 1 allowed per host.", (await cloud.Until(second, "ERROR"))["fault"]["message"].Text);
        var shown = (await cloud.Send("demo", "GET", $"/os-server-groups/{group}", version: "2.64"))["server_group"];
        Assert.Equal("anti-affinity", shown["policy"].Text);
        Assert.Equal(2, shown["members"].Count);
        Assert.Equal(group, (await cloud.Send("demo", "GET", $"/servers/{first}", version: "2.71"))["server"]["server_groups"][0].Text);
        await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", $"/os-server-groups/{group}");
        await cloud.Send("demo", "DELETE", $"/os-server-groups/{group}");
    }

    [Theory, OnEachDatabase]
    public async Task The_rest_answers(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        await cloud.Boot();
        Assert.True((await cloud.Send("demo", "GET", "/extensions"))["extensions"].Count > 50);
        Assert.Equal("os-volumes", (await cloud.Send("demo", "GET", "/extensions/os-volumes"))["extension"]["alias"].Text);
        Assert.Equal(0, (await cloud.Send("admin", "GET", "/os-migrations"))["migrations"].Count);
        Assert.Equal(1, (await cloud.Send("admin", "GET", "/os-simple-tenant-usage?detailed=1"))["tenant_usages"][0]["server_usages"].Count);
        await cloud.Send("demo", "GET", $"/os-simple-tenant-usage/{Fakes.FakeTokens.DemoProject}");
        await cloud.Send("demo", "GET", $"/os-quota-sets/{Fakes.FakeTokens.DemoProject}", version: "2.36");
        await cloud.Send("demo", "GET", $"/os-quota-sets/{Fakes.FakeTokens.DemoProject}/defaults");
        await cloud.Send("admin", "PUT", "/os-quota-class-sets/default", new { quota_class_set = new { cores = 33 } });
        Assert.Equal(33, (await cloud.Send("admin", "GET", "/os-quota-class-sets/default"))["quota_class_set"]["cores"].Number);
        await cloud.Send("admin", "DELETE", $"/os-quota-sets/{Fakes.FakeTokens.DemoProject}");
        using var versions = await cloud.Try(null, "GET", "/", root: "/compute");
        Assert.StartsWith("""{"versions":[{"id":"v2.0",""", await versions.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var root in (string[])["/compute/v2", "/compute/v2/", "/compute/v2.1", "/compute/v2.1/"])
            using (var answer = await cloud.Try(null, "GET", "", root: root)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        // A slash at the end is no empty id, and nothing else either.
        foreach (var path in (string[])["/os-simple-tenant-usage/", "/servers/", "/flavors/"])
            using (var answer = await cloud.Try("admin", "GET", path)) Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory, OnEachDatabase]
    public async Task Old_hosts_take_servers_or_not_and_have_no_power_switch(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var host = (await cloud.Send("admin", "GET", "/os-services"))["services"][0]["host"].Text;
        Assert.Equal($$"""{"host":"{{host}}","status":"disabled"}""", (await cloud.Send("admin", "PUT", $"/os-hosts/{host}", new { status = "Disable" })).ToString());
        Assert.Equal("disabled", (await cloud.Send("admin", "GET", "/os-services"))["services"][0]["status"].Text);
        await cloud.Send("admin", "PUT", $"/os-hosts/{host}", new { status = "enable" });
        Assert.Equal("enabled", (await cloud.Send("admin", "GET", "/os-services"))["services"][0]["status"].Text);
        await cloud.Refused(HttpStatusCode.BadRequest, "admin", "PUT", $"/os-hosts/{host}", new { status = "frob" });
        await cloud.Refused(HttpStatusCode.BadRequest, "admin", "PUT", $"/os-hosts/{host}", new { maintenance_mode = (string?)null });
        await cloud.Refused(HttpStatusCode.NotImplemented, "admin", "PUT", $"/os-hosts/{host}", new { maintenance_mode = "enable" });
        foreach (var verb in (string[])["startup", "shutdown", "reboot"])
        {
            Assert.Equal("The requested functionality is not supported.", await cloud.Refused(HttpStatusCode.NotImplemented, "admin", "GET", $"/os-hosts/{host}/{verb}"));
            Assert.Equal("Compute host nowhere could not be found.", await cloud.Refused(HttpStatusCode.NotFound, "admin", "GET", $"/os-hosts/nowhere/{verb}"));
            await cloud.Refused(HttpStatusCode.Forbidden, "demo", "GET", $"/os-hosts/{host}/{verb}");
        }
        await cloud.Refused(HttpStatusCode.Forbidden, "demo", "PUT", $"/os-hosts/{host}", new { status = "enable" });
        await cloud.Refused(HttpStatusCode.NotFound, "admin", "PUT", "/os-hosts/nowhere", new { status = "enable" });
    }

    [Theory, OnEachDatabase]
    public async Task The_usage_audit_counts_servers_of_complete_months(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        await cloud.Boot();
        var now = (await cloud.Send("admin", "GET", "/os-instance_usage_audit_log"))["instance_usage_audit_logs"];
        Assert.Equal((0, 1, "0 of 1 hosts done. 0 errors."), (now["total_instances"].Number, now["num_hosts_not_run"].Number, now["overall_status"].Text));
        var next = DateTimeOffset.Parse(now["period_ending"].Text + "Z", System.Globalization.CultureInfo.InvariantCulture).AddMonths(2);
        var later = (await cloud.Send("admin", "GET", $"/os-instance_usage_audit_log/{Uri.EscapeDataString($"{next:yyyy-MM-dd} 00:00:01")}"))["instance_usage_audit_log"];
        Assert.Equal((1, "ALL hosts done. 0 errors.", $"{next:yyyy-MM-dd} 00:00:00"), (later["total_instances"].Number, later["overall_status"].Text, later["period_ending"].Text));
        Assert.Equal("DONE", later["log"][later["log"].Names.Single()]["state"].Text);
        Assert.Equal("Invalid timestamp for date frob", await cloud.Refused(HttpStatusCode.BadRequest, "admin", "GET", "/os-instance_usage_audit_log/frob"));
        await cloud.Refused(HttpStatusCode.Forbidden, "demo", "GET", "/os-instance_usage_audit_log");
    }

    [Theory]
    [InlineData("2026-03-15 10:00:00", "2026-02-01", "2026-03-01")]
    [InlineData("2026-01-01 00:00:00", "2025-11-01", "2025-12-01")]
    [InlineData("2026-01-01 00:00:01", "2025-12-01", "2026-01-01")]
    public void A_month_is_over_only_after_its_end(string before, string begin, string end)
    {
        DateTimeOffset At(string text) => DateTimeOffset.Parse(text + (text.Length > 10 ? "Z" : " 00:00:00Z"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((At(begin), At(end)), UsageAuditApi.Period(At(before)));
    }
}
