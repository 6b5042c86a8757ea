using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Image.Tests.Web;
using Nephos.Image.Web;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary><c>/v2/tasks</c>: an image made by a task, as upstream's first imports did.</summary>
public sealed class TaskTests
{
    private static readonly byte[] Some = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7))];

    private static Task<ImageHost> Host(WebServer server, DatabaseKind kind) => ImageHost.Start(kind,
        options: o => o with { Web = new WebOptions { AllowedPorts = [server.Port], AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")] } });

    private static object Import(object url, object? properties = null, string type = "import") =>
        new { type, input = new { import_from = url, import_from_format = "raw", image_properties = properties ?? new { name = "made", os_distro = "debian" } } };

    [Theory, OnEachDatabase]
    public async Task A_task_makes_an_image_of_what_is_at_a_url(DatabaseKind kind)
    {
        await using var server = await WebServer.Start(http => http.Response.Body.WriteAsync(Some).AsTask());
        await using var host = await Host(server, kind);
        var url = $"http://127.0.0.1:{server.Port}/disk";
        Assert.Equal(403, (await host.Send("POST", "/v2/tasks", ImageHost.Alice, Import(url))).Status);
        var made = await host.Send("POST", "/v2/tasks", ImageHost.Admin, Import(url));
        Assert.True(made.Status == 201, made.Text);
        Assert.Equal(($"/v2/tasks/{made["id"]}", "import", url, "root"), (made.Headers["Location"], made["type"], made.Json["input"]!["import_from"]!.ToString(), made["owner"]));
        Assert.Contains(made["status"], (string[])["pending", "processing"]);
        var id = made["image_id"]!;
        await host.Settled(id);
        var task = await host.Get($"/v2/tasks/{made["id"]}", ImageHost.Admin);
        Assert.Equal(("success", id), (task["status"], task.Json["result"]!["image_id"]!.ToString()));
        Assert.NotNull(task["expires_at"]);
        var image = await host.Get($"/v2/images/{id}", ImageHost.Admin);
        Assert.Equal(("active", "made", "raw", "bare", "debian", "root"), (image["status"], image["name"], image["disk_format"], image["container_format"], image["os_distro"], image["owner"]));
        Assert.Equal(Some, (await host.Get($"/v2/images/{id}/file", ImageHost.Admin)).Body);
        var again = await host.Send("POST", "/v2/tasks", ImageHost.Admin, Import(url, new { id }));
        Assert.Equal(409, again.Status);
        Assert.Single((await host.Get("/v2/tasks", ImageHost.Admin)).Json["tasks"]!.AsArray());
    }

    [Theory, OnEachDatabase]
    public async Task A_task_that_fails_says_why_and_its_image_waits_for_data(DatabaseKind kind)
    {
        await using var server = await WebServer.Start(http => { http.Response.StatusCode = 404; return Task.CompletedTask; });
        await using var host = await Host(server, kind);
        var made = await host.Send("POST", "/v2/tasks", ImageHost.Admin, Import($"http://127.0.0.1:{server.Port}/disk"));
        await host.Settled(made["image_id"]!);
        var task = await host.Get($"/v2/tasks/{made["id"]}", ImageHost.Admin);
        Assert.Equal("failure", task["status"]);
        Assert.Contains("404", task["message"]!, StringComparison.Ordinal);
        Assert.Equal("queued", (await host.Get($"/v2/images/{made["image_id"]}", ImageHost.Admin))["status"]);
    }

    [Fact]
    public async Task What_cannot_be_a_task_is_refused_at_once()
    {
        await using var server = await WebServer.Start(_ => Task.CompletedTask);
        await using var host = await Host(server, DatabaseKind.Sqlite);
        var url = $"http://127.0.0.1:{server.Port}/";
        foreach (var bad in (object[])[
            new { }, new { type = "import" }, new { type = "export", input = new { } }, Import(url, type: "api_image_import"), new { type = "import", input = new { import_from = url } },
            Import(5), Import("file:///etc/passwd"), Import("http://127.0.0.2/"), Import(url, 7), Import(url, new { disk_format = "tape" })])
            Assert.Equal(400, (await host.Send("POST", "/v2/tasks", ImageHost.Admin, bad)).Status);
        Assert.Equal(403, (await host.Send("POST", "/v2/tasks", ImageHost.Admin, Import(url, new { status = "active" }))).Status);
        Assert.Empty((await host.Get("/v2/images", ImageHost.Admin)).Json["images"]!.AsArray());
        var gone = await host.Send("DELETE", $"/v2/tasks/{Guid.NewGuid()}", ImageHost.Admin);
        Assert.Equal(405, gone.Status);
        Assert.Contains("not permitted", gone.Text, StringComparison.Ordinal);
        Assert.Equal(403, (await host.Send("DELETE", $"/v2/tasks/{Guid.NewGuid()}", ImageHost.Alice)).Status);
    }
}
