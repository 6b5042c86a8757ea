using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Image.Imports;
using Nephos.Image.Tasks;
using Nephos.Kernel.Operations;
using Nephos.Testing;
using Xunit;
using static Nephos.Image.Tests.Web.Mirrors;

namespace Nephos.Image.Tests.Web;

/// <summary>Where a new image's data is, said once: <c>/v2/images/{id}/locations</c>.</summary>
[SuppressMessage("Security", "CA5350", Justification = "What clients may say."), SuppressMessage("Security", "CA5351", Justification = "Images have it.")]
public sealed class NewLocationTests
{
    private const string Service = "alice:service";

    private static Func<ImageOptions, ImageOptions> Options(Func<ImageOptions, ImageOptions>? more = null) =>
        o => (more ?? (x => x))(o with { ShowLocations = false, ShowDirectUrl = false, Web = o.Web with { RetryAfter = TimeSpan.Zero } });

    private static string Url(WebServer server, string path = "x.img") => $"http://mirror.example:{server.Port}/{path}";

    private static Task<Reply> Add(ImageHost host, string id, object body, string token = ImageHost.Alice) => host.Send("POST", $"/v2/images/{id}/locations", token, body);

    private static object Said(string url, string hash, string algorithm = "sha512") => new { url, validation_data = new { os_hash_algo = algorithm, os_hash_value = hash } };

    private static async Task<(string? Status, string? Message)> TaskOf(ImageHost host, string id)
    {
        var task = Assert.Single((await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]!.AsArray());
        Assert.Equal("location_import", task!["type"]!.ToString());
        return (task["status"]?.ToString(), task["message"]?.ToString());
    }

    private static async Task<string> Locations(ImageHost host, string id) => (await host.Get($"/v2/images/{id}/locations", ImageHost.Admin)).Json.ToJsonString();

    [Theory, OnEachDatabase]
    public async Task An_image_gets_its_place_and_its_hash_is_made_behind(DatabaseKind kind)
    {
        await using var server = await Mirror();
        await using var host = await Host(server, kind, Options());
        var id = await host.CreateRaw("x");
        Assert.Equal("[]", await Locations(host, id));
        var reply = await Add(host, id, new { url = Url(server) + "?key=secret", validation_data = new { } });
        Assert.Equal((202, ""), (reply.Status, reply.Text));
        await host.Settled(id);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "300000", "web", "sha512", Hash, Convert.ToHexStringLower(MD5.HashData(Bytes))),
            (image["status"], image["size"], image["stores"], image["os_hash_algo"], image["os_hash_value"], image["checksum"]));
        Assert.Null(image["os_glance_import_task"]);
        Assert.Equal("success", (await TaskOf(host, id)).Status);
        Assert.Equal(Bytes, (await host.Get($"/v2/images/{id}/file")).Body);

        // Said once; and where it is, services alone are told.
        Assert.Equal(409, (await Add(host, id, new { url = Url(server) })).Status);
        Assert.Equal("[{\"url\":\"" + Url(server) + "?key=secret\",\"metadata\":{\"store\":\"web\"}}]", await Locations(host, id));
        Assert.Equal(200, (await host.Get($"/v2/images/{id}/locations", Service)).Status);
        foreach (var token in (string[])[ImageHost.Alice, ImageHost.Reader]) Assert.Equal(403, (await host.Get($"/v2/images/{id}/locations", token)).Status);
        foreach (var token in (string[])[ImageHost.Bob, "other:service"]) Assert.Equal(404, (await host.Get($"/v2/images/{id}/locations", token)).Status);
        Assert.DoesNotContain("secret", (await host.Get($"/v2/images/{id}/tasks")).Text, StringComparison.Ordinal);
    }

    [Theory, OnEachDatabase]
    public async Task The_hash_that_was_said_has_to_be_the_datas(DatabaseKind kind)
    {
        await using var server = await Mirror();
        await using var host = await Host(server, kind, Options());
        var id = await host.CreateRaw("x");
        Assert.Equal(202, (await Add(host, id, Said(Url(server), string.Concat(Enumerable.Repeat("beefdead", 16))))).Status);
        await host.Settled(id);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("queued", null, null, null, null, null), (image["status"], image["size"], image["stores"], image["os_hash_algo"], image["os_hash_value"], image["os_glance_import_task"]));
        var (status, message) = await TaskOf(host, id);
        Assert.Equal("failure", status);
        Assert.Contains(Hash, message, StringComparison.Ordinal);
        Assert.Equal("[]", await Locations(host, id));

        // Another try is not burdened by it.
        Assert.Equal(202, (await Add(host, id, Said(Url(server), Convert.ToHexString(SHA256.HashData(Bytes)), "sha256"))).Status);
        await host.Settled(id);
        image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "sha256", Convert.ToHexStringLower(SHA256.HashData(Bytes))), (image["status"], image["os_hash_algo"], image["os_hash_value"]));
    }

    [Theory]
    [InlineData("md5"), InlineData("sha1")]
    public async Task By_a_weak_hash_no_host_keeps_data(string algorithm)
    {
        await using var server = await Mirror();
        await using var host = await Host(server, more: Options());
        var id = await host.CreateRaw("x");
        var hash = Convert.ToHexStringLower(algorithm == "md5" ? MD5.HashData(Bytes) : SHA1.HashData(Bytes));
        Assert.Equal(202, (await Add(host, id, Said(Url(server), hash, algorithm))).Status);
        await host.Settled(id);
        Assert.Equal(("active", hash), ((await host.Get($"/v2/images/{id}"))["status"], (await host.Get($"/v2/images/{id}"))["os_hash_value"]));
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Admin, new { method = new { name = "copy-image" }, stores = (string[])["file"] })).Status);
        await host.Settled(id);
        Assert.Equal(Bytes, host.Store.Data[Guid.Parse(id)]);
        Assert.NotEqual(hash, (await host.Images.Get([Guid.Parse(id)], default))[0].Hash);
    }

    [Fact]
    public async Task While_it_is_measured_an_image_is_active_and_nothing_else_begins()
    {
        var gate = new Gate();
        await using var server = await gate.Server();
        await using var host = await Host(server, more: Options());
        var (id, other) = (await host.CreateRaw("x"), await host.CreateRaw("y"));
        Assert.Equal(202, (await Add(host, id, new { url = Url(server) })).Status);
        Assert.Equal(202, (await Add(host, other, Said(Url(server), Hash))).Status);
        await gate.Asked;
        for (var n = 0; n < 6000 && (await host.Get($"/v2/images/{id}"))["status"] != "active"; n++) await Task.Delay(10);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "sha512", null, "300000"), (image["status"], image["os_hash_algo"], image["os_hash_value"], image["size"]));
        Assert.NotNull(image["os_glance_import_task"]);
        Assert.Equal(409, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Admin, new { method = new { name = "copy-image" }, stores = (string[])["file"] })).Status);
        // Nobody uses the other one before its hash was compared.
        Assert.Equal("importing", (await host.Get($"/v2/images/{other}"))["status"]);
        Assert.Equal(409, (await Add(host, other, new { url = Url(server) })).Status);
        Assert.Equal(409, (await host.Send("PUT", $"/v2/images/{other}/file", ImageHost.Alice, Bytes)).Status);
        Assert.Equal(204, (await host.Send("POST", $"/v2/images/{id}/actions/deactivate", ImageHost.Admin)).Status);
        gate.Open();
        await host.Settled(id);
        await host.Settled(other);
        Assert.Equal(("deactivated", Hash), ((await host.Get($"/v2/images/{id}"))["status"], (await host.Get($"/v2/images/{id}"))["os_hash_value"]));
        Assert.Equal("active", (await host.Get($"/v2/images/{other}"))["status"]);
    }

    [Fact]
    public async Task An_image_that_is_deleted_is_not_measured_to_its_end()
    {
        var gate = new Gate();
        await using var server = await gate.Server();
        await using var host = await Host(server, more: Options());
        var id = await host.CreateRaw("x");
        Assert.Equal(202, (await Add(host, id, new { url = Url(server) })).Status);
        await gate.Asked;
        Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Status);
        await host.Settled(id);
        Assert.Equal(404, (await host.Get($"/v2/images/{id}")).Status);
        Assert.Equal(0, await host.Db.Scalar<long>($"SELECT COUNT(*) FROM image_locations"));
        Assert.Equal("failure", await host.Db.Scalar<string>($"SELECT status FROM image_tasks"));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task An_active_image_stays_so_whatever_comes_of_measuring_it(bool recovers)
    {
        var asked = new ConcurrentQueue<string>();
        await using var server = await WebServer.Start(async http =>
        {
            asked.Enqueue(http.Request.Method);
            var there = http.Request.Method == "HEAD" || (recovers && asked.Count(m => m == "GET") == 3);
            http.Response.StatusCode = there ? 200 : 503;
            http.Response.ContentLength = there ? Bytes.Length : 0;
            if (there && http.Request.Method == "GET") await http.Response.Body.WriteAsync(Bytes);
        });
        await using var host = await Host(server, more: Options(o => o with { Web = o.Web with { Retries = 2 } }));
        var id = await host.CreateRaw("x");
        Assert.Equal(202, (await Add(host, id, new { url = Url(server) })).Status);
        await host.Settled(id);
        Assert.Equal(["HEAD", "GET", "GET", "GET"], asked);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "web", recovers ? Hash : null), (image["status"], image["stores"], image["os_hash_value"]));
        var (status, message) = await TaskOf(host, id);
        Assert.Equal(("success", !recovers), (status, message!.Contains("503", StringComparison.Ordinal)));
        Assert.Null(image["os_glance_import_task"]);
    }

    [Fact]
    public async Task What_is_not_there_is_no_place()
    {
        await using var server = await Mirror();
        await using var host = await Host(server, more: Options());
        var id = await host.CreateRaw("x");
        foreach (var path in (string[])["gone", "away"])
        {
            Assert.Equal(202, (await Add(host, id, new { url = Url(server, path) })).Status);
            await host.Settled(id);
            Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        }
        Assert.All((await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]!.AsArray(), t => Assert.Equal("failure", t!["status"]!.ToString()));
        Assert.Equal("[]", await Locations(host, id));
    }

    [Fact]
    public async Task Where_nothing_is_measured_what_was_said_is_believed()
    {
        var asked = new ConcurrentQueue<string>();
        await using var server = await Mirror(asked: asked);
        await using var host = await Host(server, more: Options(o => o with { HashLocations = false }));
        var (said, silent) = (await host.CreateRaw("said"), await host.CreateRaw("silent"));
        Assert.Equal(202, (await Add(host, said, Said(Url(server), Hash))).Status);
        Assert.Equal(202, (await Add(host, silent, new { url = Url(server) })).Status);
        await host.Settled(said);
        await host.Settled(silent);
        var (one, two) = (await host.Get($"/v2/images/{said}"), await host.Get($"/v2/images/{silent}"));
        Assert.Equal(("active", "sha512", Hash, null), (one["status"], one["os_hash_algo"], one["os_hash_value"], one["os_glance_import_task"]));
        Assert.Equal(("active", null, null, null), (two["status"], two["os_hash_algo"], two["os_hash_value"], two["os_glance_import_task"]));
        Assert.Equal("success", (await TaskOf(host, said)).Status);
        Assert.All(asked, a => Assert.StartsWith("HEAD", a, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_may_not_and_what_cannot_be_is_refused()
    {
        await using var server = await Mirror();
        await using var host = await Host(server, more: Options(o => o with { ProjectBytes = 300_000 }));
        var id = await host.CreateRaw("x");
        var good = new { url = Url(server) };
        foreach (var body in (object[])[new { }, new { url = 7 }, new { url = "" }, new { url = Url(server, "a b") }, Said(Url(server), Hash[..126]), Said(Url(server), "zz" + Hash[2..]),
            Said(Url(server), Hash, "sha256"), Said(Url(server), Hash, "sha123"), new { url = Url(server), validation_data = new { os_hash_value = Hash } },
            new { url = Url(server), validation_data = new { os_hash_algo = "sha512" } }, new { url = Url(server), validation_data = new { checksum = "x" } },
            new { url = $"http://private.example:{server.Port}/x" }, new { url = $"http://127.0.0.2:{server.Port}/x" }, new { url = "http://mirror.example:1/x" }])
            Assert.Equal((body, 400), (body, (await Add(host, id, body)).Status));
        // Places in stores could be another image's.
        foreach (var url in (string[])[$"memory://{id}", "file:///etc/passwd", "cinder://lvm/39e6ffab-7502-4199-9609-416601615ca3"])
        {
            Assert.Equal((url, 403), (url, (await Add(host, id, new { url })).Status));
            Assert.Equal((url, 400), (url, (await Add(host, id, new { url }, Service)).Status));
        }
        Assert.Equal(403, (await Add(host, id, good, ImageHost.Reader)).Status);
        Assert.Equal(404, (await Add(host, id, good, ImageHost.Bob)).Status);
        Assert.Equal(404, (await Add(host, Guid.NewGuid().ToString(), good)).Status);
        Assert.Equal(403, (await Add(host, await host.Create(new { name = "all", disk_format = "raw", container_format = "bare", visibility = "community" }), good, ImageHost.Bob)).Status);
        Assert.Equal(400, (await Add(host, await host.Create(new { name = "bare" }), good)).Status);
        Assert.Equal(400, (await Add(host, await host.Create(new { name = "signed", disk_format = "raw", container_format = "bare", img_signature = "x" }), good)).Status);
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);

        // Services may for others' images that they see; and a full project may not.
        var theirs = await host.Create(new { name = "theirs", disk_format = "raw", container_format = "bare", visibility = "community" }, token: ImageHost.Bob);
        Assert.Equal(202, (await Add(host, theirs, good, Service)).Status);
        Assert.Equal(202, (await Add(host, id, good)).Status);
        await host.Settled(id);
        Assert.Equal(413, (await Add(host, await host.CreateRaw("more"), good)).Status);
        await using var without = await Host(server, http: false);
        Assert.Equal(403, (await Add(without, await without.CreateRaw("x"), good)).Status);
        Assert.Equal(400, (await Add(without, await without.CreateRaw("x"), good, Service)).Status);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public Task It_stands_failures_and_lost_processes_at_every_step(bool said) => OperationHarness.Run(async () =>
    {
        var server = await Mirror();
        var host = await Host(server, more: Options());
        await host.StopOperations();
        var image = Guid.Parse(await host.CreateRaw("x"));
        var task = new TaskRow(NewId.Uuid(), image, "location_import", "processing", "alice", "alice", "req-1", JsonSerializer.SerializeToElement(new { }), null, "", host.Db.Now, host.Db.Now, host.Db.Now.AddDays(1));
        return new OperationScenario
        {
            Db = host.Db,
            Kinds = [.. host.Services.GetServices<Operation>()],
            Start = async operations =>
            {
                await host.Db.InTransaction(async () =>
                {
                    await host.Services.GetRequiredService<TaskTable>().Insert(task);
                    Assert.True(await host.Services.GetRequiredService<LocationImportTable>().Begin(image, task.Id));
                    await operations.Start(ImportImage.Resource(image), new ImportLocation.State(image, task.Id, new NewPlace("web", Url(server), "sha512", said ? Hash : null, true)));
                });
                return ImportImage.Resource(image);
            },
            AssertDone = async () =>
            {
                var shown = await host.Get($"/v2/images/{image}");
                Assert.Equal(("active", "web", Hash), (shown["status"], shown["stores"], shown["os_hash_value"]));
            },
            AssertClean = async () =>
            {
                // Once it is active it stays.
                var shown = await host.Get($"/v2/images/{image}");
                Assert.Contains((shown["status"], shown["stores"]), ((string?, string?)[])(said ? [("queued", null)] : [("queued", null), ("active", "web")]));
                Assert.Null(shown["os_glance_import_task"]);
            },
            End = async () =>
            {
                await host.DisposeAsync();
                await server.DisposeAsync();
            },
        };
    }, nameof(ImportLocation));
}
