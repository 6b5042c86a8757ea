using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Nephos.Contracts;
using Nephos.Image.Tests.Web;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class GlanceDownloadTests
{
    private static readonly byte[] Some = RandomNumberGenerator.GetBytes(1000);

    private static object Body(string image, string region = "Other") => new { method = new { name = "glance-download", glance_region = region, glance_image_id = image, glance_service_interface = "public" } };

    private static async Task<string> Import(ImageHost host, string id, object body)
    {
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, body)).Status);
        await host.Settled(id);
        return (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]![0]!["message"]!.ToString();
    }

    [Theory, OnEachDatabase]
    public async Task An_image_comes_over_with_its_formats_and_chosen_properties(DatabaseKind kind)
    {
        await using var peer = await ImageHost.Start();
        await using var host = await ImageHost.Start(kind);
        host.Identity.Regions["Other"] = peer.Url + "/image";
        var source = await peer.Create(new { name = "s", disk_format = "raw", container_format = "bare", hw_cpu_cores = "5", os_distro = "rhel", speed = "88mph" }, Some);
        var id = await host.Create(new { name = "d", disk_format = "iso", container_format = "ovf", hw_cpu_cores = "1", mine = "stays" });
        await Import(host, id, Body(source));
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "raw", "bare", "5", "rhel", null, "stays"),
            (image["status"], image["disk_format"], image["container_format"], image["hw_cpu_cores"], image["os_distro"], image["speed"], image["mine"]));
        Assert.Equal(Some, (await host.Get($"/v2/images/{id}/file")).Body);
    }

    [Theory, OnEachDatabase]
    public async Task What_cannot_be_had_leaves_the_image_as_it_was(DatabaseKind kind)
    {
        await using var peer = await ImageHost.Start();
        await using var host = await ImageHost.Start(kind);
        host.Identity.Regions["Other"] = peer.Url + "/image";
        host.Identity.Regions["Gone"] = "http://127.0.0.1:9";
        var id = await host.Create(new { name = "d", disk_format = "iso", container_format = "ovf", os_distro = "windows" });
        var hidden = await peer.Create(new { name = "s", disk_format = "raw", container_format = "bare", visibility = "private" }, Some, ImageHost.Bob);
        var empty = await peer.CreateRaw("empty");
        foreach (var (body, why) in ((object, string)[])[
            (Body(NewId.Uuid().ToString(), "nowhere"), "The catalog has no public endpoint"), (Body(NewId.Uuid().ToString(), "Gone"), "cannot be asked"),
            (Body(NewId.Uuid().ToString()), "answered 404"), (Body(hidden), "answered 404"), (Body(empty), "status should be active instead of queued")])
        {
            Assert.Contains(why, await Import(host, id, body), StringComparison.Ordinal);
            var image = await host.Get($"/v2/images/{id}");
            Assert.Equal(("queued", "iso", "ovf", "windows", "file"), (image["status"], image["disk_format"], image["container_format"], image["os_distro"], image["os_glance_failed_import"]));
        }
        Assert.Empty(host.Staged);
    }

    [Fact]
    public async Task Parameters_are_checked_at_once()
    {
        await using var host = await ImageHost.Start();
        var id = await host.CreateRaw("x");
        foreach (var (method, why) in ((object, string)[])[
            (new { name = "glance-download", glance_image_id = id }, "glance_region"), (new { name = "glance-download", glance_region = "x" }, "glance_image_id"),
            (new { name = "glance-download", glance_region = "x", glance_image_id = "foo" }, "does not look like a UUID: foo")])
        {
            var reply = await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, new { method });
            Assert.Equal(400, reply.Status);
            Assert.Contains(why, reply.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_hostile_peer_gets_neither_us_nor_the_token_elsewhere()
    {
        var stolen = false;
        await using var thief = await WebServer.Start(_ => { stolen = true; return Task.CompletedTask; });
        await using var peer = await WebServer.Start(http =>
        {
            if (http.Request.Path.Value!.Contains("11111111", StringComparison.Ordinal)) http.Response.Redirect($"http://127.0.0.1:{thief.Port}/");
            return http.Response.WriteAsync(http.Request.Path.Value.EndsWith("/file", StringComparison.Ordinal) ? "no" : """{"status": "active", "size": "many", "disk_format": "raw", "container_format": "bare"}""");
        });
        await using var host = await ImageHost.Start();
        host.Identity.Regions["Other"] = $"http://127.0.0.1:{peer.Port}";
        var id = await host.CreateRaw("x");
        Assert.Contains("answered 302", await Import(host, id, Body("11111111-1111-1111-1111-111111111111")), StringComparison.Ordinal);
        Assert.Contains("did not answer with an image", await Import(host, id, Body("22222222-2222-2222-2222-222222222222")), StringComparison.Ordinal);
        Assert.False(stolen);
    }
}
