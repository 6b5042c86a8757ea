using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Compute.Servers;
using Nephos.Contracts.Drivers;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.Servers;

public sealed class ServerLifeTests
{
    [Theory, OnEachDatabase]
    public async Task A_server_is_made_shown_and_deleted_and_leaves_nothing(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = await cloud.Boot();
        var server = await cloud.Until(id, "ACTIVE", "admin");
        Assert.Equal("vm", server["name"].Text);
        Assert.Equal("node-1", server["OS-EXT-SRV-ATTR:host"].Text);
        Assert.Equal("instance-00000001", server["OS-EXT-SRV-ATTR:instance_name"].Text);
        Assert.Equal("10.0.0.11", server["addresses"]["private"][0]["addr"].Text);
        Assert.Equal("default", server["security_groups"][0]["name"].Text);
        Assert.Equal(1, server["OS-EXT-STS:power_state"].Number);
        Assert.Single(cloud.Placement.Claims);
        Assert.Single(cloud.Node.Guests);

        using (var answer = await cloud.Try("demo", "DELETE", $"/servers/{id}")) Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        using (var again = await cloud.Try("demo", "DELETE", $"/servers/{id}")) Assert.True(again.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotFound);
        await cloud.UntilGone(id);
        Assert.Empty(cloud.Placement.Claims);
        Assert.Empty(cloud.Node.Guests);
        Assert.Empty(cloud.Networks.Existing);
    }

    [Theory, OnEachDatabase]
    public async Task Power_orders_are_carried_out_once_and_show(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = await cloud.Boot();
        foreach (var (action, body, status, power) in new (string, object?, string, PowerState)[]
        {
            ("os-stop", null, "SHUTOFF", PowerState.Shutdown), ("os-start", null, "ACTIVE", PowerState.Running), ("pause", null, "PAUSED", PowerState.Paused),
            ("unpause", null, "ACTIVE", PowerState.Running), ("suspend", null, "SUSPENDED", PowerState.Suspended), ("resume", null, "ACTIVE", PowerState.Running),
            ("reboot", new { type = "HARD" }, "ACTIVE", PowerState.Running), ("reboot", new { type = "SOFT" }, "ACTIVE", PowerState.Running),
        })
        {
            await cloud.Send("demo", "POST", $"/servers/{id}/action", new Dictionary<string, object?> { [action] = body });
            var server = await cloud.Until(id, status);
            Assert.Equal((int)power, server["OS-EXT-STS:power_state"].Number);
        }
        Assert.Equal(9, cloud.Node.Guests[id].Number);
        Assert.Equal($"Cannot 'start' instance {id} while it is in vm_state active",
            await cloud.Refused(HttpStatusCode.Conflict, "demo", "POST", $"/servers/{id}/action", new Dictionary<string, object?> { ["os-start"] = null }));
    }

    [Theory, OnEachDatabase]
    public async Task A_guest_that_turns_itself_off_is_shutoff_and_stays_so(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var id = await cloud.Boot();
        await cloud.Node.PowerOff(id);
        await cloud.Until(id, "SHUTOFF");
        await Task.Delay(300);
        Assert.Equal(PowerState.Shutdown, cloud.Node.Guests[id].Power);
    }

    [Theory, OnEachDatabase]
    public async Task Servers_that_ran_are_started_again_after_a_reboot_of_the_host_and_others_not(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var ran = await cloud.Boot();
        var stopped = await cloud.Boot();
        await cloud.Send("demo", "POST", $"/servers/{stopped}/action", new Dictionary<string, object?> { ["os-stop"] = null });
        await cloud.Until(stopped, "SHUTOFF");
        await cloud.Node.Reboot();
        await cloud.Until(ran, "ACTIVE");
        Assert.Equal(PowerState.Running, cloud.Node.Guests[ran].Power);
        Assert.Equal(PowerState.Shutdown, cloud.Node.Guests[stopped].Power);
    }

    [Theory, OnEachDatabase]
    public async Task A_build_that_fails_ends_in_error_with_the_reason_and_leaves_nothing(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        cloud.Node.Broken = "the disk is full";
        var id = await cloud.Boot(status: "ERROR");
        var fault = (await cloud.Until(id, "ERROR"))["fault"];
        Assert.Equal(500, fault["code"].Number);
        Assert.Contains("the disk is full", fault["message"].Text, StringComparison.Ordinal);
        Assert.False(fault.Has("details"));
        Assert.Contains("node-1", (await cloud.Until(id, "ERROR", "admin"))["fault"]["details"].Text, StringComparison.Ordinal);
        Assert.Empty(cloud.Placement.Claims);
        Assert.Empty(cloud.Networks.Existing);
        cloud.Node.Broken = null;
        await cloud.Send("demo", "DELETE", $"/servers/{id}");
        await cloud.UntilGone(id);
    }

    [Theory, OnEachDatabase]
    public async Task No_valid_host_tells_users_the_reason_and_administrators_the_hosts(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var big = (await cloud.Send("admin", "POST", "/flavors", new { flavor = new { name = "big", ram = 40000, vcpus = 1, disk = 1 } }))["flavor"]["id"].Text;
        var id = await cloud.Boot(server: new { name = "big", imageRef = cloud.Images.Cirros.Id, flavorRef = big }, status: "ERROR");
        var message = (await cloud.Until(id, "ERROR"))["fault"]["message"].Text;
        Assert.StartsWith("No valid host was found. MEMORY_MB: 40000 asked", message, StringComparison.Ordinal);
        Assert.DoesNotContain("node-1", message, StringComparison.Ordinal);
        Assert.Contains("node-1: placement: MEMORY_MB", (await cloud.Until(id, "ERROR", "admin"))["fault"]["details"].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_wants_uefi_goes_only_where_there_is_firmware()
    {
        await using var cloud = await TestCloud.Start();
        var image = cloud.Images.Add(cloud.Images.Cirros with { Id = Contracts.NewId.Uuid(), Properties = new Dictionary<string, string> { ["hw_firmware_type"] = "uefi" } });
        var id = await cloud.Boot(server: new { name = "vm", imageRef = image.Id, flavorRef = cloud.Flavor }, status: "ERROR");
        Assert.Contains("COMPUTE_FIRMWARE_UEFI", (await cloud.Until(id, "ERROR"))["fault"]["message"].Text, StringComparison.Ordinal);
        Assert.Empty(cloud.Node.Guests);
    }

    [Theory, OnEachDatabase]
    public async Task What_changes_at_the_ports_of_a_server_that_is_built_is_seen(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        cloud.Node.Held = true;
        var made = await cloud.Send("demo", "POST", "/servers", new { server = new { name = "vm", imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor } });
        var id = Guid.Parse(made["server"]["id"].Text);
        var servers = cloud.Services.GetRequiredService<ServerTable>();
        await Copied(null);
        cloud.Networks.Float(id, "203.0.113.9");
        await Copied("203.0.113.9");
        Assert.Equal("BUILD", (await cloud.Send("demo", "GET", $"/servers/{id}"))["server"]["status"].Text);
        cloud.Node.Held = false;
        Assert.Contains("203.0.113.9", (await cloud.Until(id, "ACTIVE")).ToString(), StringComparison.Ordinal);

        async Task Copied(string? floating)
        {
            for (var i = 0; (await servers.Find(id))!.Networks is not [{ Addresses: [var address] }] || address.Floating != floating; i++)
            {
                Assert.True(i < 600, "The row does not follow the port.");
                await Task.Delay(50);
            }
        }
    }

    [Theory, OnEachDatabase]
    public async Task A_delete_takes_over_a_build_that_waits_for_its_node(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        cloud.Node.Held = true;
        var made = await cloud.Send("demo", "POST", "/servers", new { server = new { name = "vm", imageRef = cloud.Images.Cirros.Id, flavorRef = cloud.Flavor } });
        var id = Guid.Parse(made["server"]["id"].Text);
        for (var i = 0; cloud.Networks.Existing.IsEmpty && i < 3000; i++) await Task.Delay(20);
        await cloud.Send("demo", "DELETE", $"/servers/{id}");
        cloud.Node.Held = false;
        await cloud.UntilGone(id);
        Assert.Empty(cloud.Placement.Claims);
        Assert.Empty(cloud.Networks.Existing);
        Assert.Empty(cloud.Node.Guests);
    }
}
