using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Image.Imports;
using Nephos.Image.Tasks;
using Nephos.Image.Tests.Ova;
using Nephos.Kernel.Operations;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class ImportTests
{
    private static readonly byte[] Some = RandomNumberGenerator.GetBytes(10);
    private static readonly object Direct = new { method = new { name = "glance-direct" } };

    private static object Copy(params string[] stores) => new { method = new { name = "copy-image" }, stores };

    private static async Task<string> Staged(ImageHost host)
    {
        var id = await host.CreateRaw("x");
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, Some)).Status);
        return id;
    }

    private static async Task<Reply> Import(ImageHost host, string id, object body, string token = ImageHost.Alice)
    {
        var reply = await host.Send("POST", $"/v2/images/{id}/import", token, body);
        if (reply.Status == 202) await host.Settled(id);
        return reply;
    }

    [Theory, OnEachDatabase]
    public async Task Staged_data_is_imported_and_the_task_is_told(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.CreateRaw("x");
        Assert.Equal(409, (await Import(host, id, Direct)).Status);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, Some)).Status);
        var staged = await host.Get($"/v2/images/{id}");
        Assert.Equal(("uploading", "10", null), (staged["status"], staged["size"], staged["checksum"]));
        Assert.Equal(204, (await host.Get($"/v2/images/{id}/file")).Status);
        Assert.Equal(409, (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, Some)).Status);
        foreach (var bad in (object[])[new { }, new { method = new { } }, new { method = new { name = "by-post" } }, new { method = new { name = "glance-direct" }, all_stores = 1 }])
            Assert.Equal(400, (await Import(host, id, bad)).Status);
        Assert.Equal(403, (await Import(host, id, Direct, ImageHost.Reader)).Status);
        Assert.Equal(202, (await Import(host, id, Direct)).Status);
        Assert.Equal(409, (await Import(host, id, Direct)).Status);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "file", "", "", null),
            (image["status"], image["stores"], image["os_glance_importing_to_stores"], image["os_glance_failed_import"], image["os_glance_import_task"]));
        Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(Some)), image["os_hash_value"]);
        Assert.Equal(Some, (await host.Get($"/v2/images/{id}/file")).Body);
        Assert.Empty(host.Staged);
        var task = (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]!.AsArray().Single()!;
        Assert.Equal(("success", "glance-direct", id), (task["status"]!.ToString(), task["input"]!["import_req"]!["method"]!["name"]!.ToString(), task["result"]!["image_id"]!.ToString()));
        Assert.Equal(403, (await host.Get("/v2/tasks")).Status);
        Assert.Equal(task["id"]!.ToString(), (await host.Get("/v2/tasks?status=success", ImageHost.Admin)).Json["tasks"]!.AsArray().Single()!["id"]!.ToString());
        Assert.Equal("api_image_import", (await host.Get($"/v2/tasks/{task["id"]}", ImageHost.Admin))["type"]);
        Assert.Equal(404, (await host.Get($"/v2/tasks/{id}", ImageHost.Admin)).Status);
    }

    [Fact]
    public async Task Formats_must_be_known_before_an_import()
    {
        await using var host = await ImageHost.Start();
        var id = await host.Create(new { name = "x" });
        await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, Some);
        Assert.Contains("needs to be set before import", (await Import(host, id, Direct)).Text, StringComparison.Ordinal);
    }

    [Theory, OnEachDatabase]
    public async Task Stores_are_chosen_by_name_by_header_or_all(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var named = await host.CreateRaw("named");
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{named}/file", ImageHost.Alice, Some, null, ("x-image-meta-store", "other"))).Status);
        Assert.Equal("other", (await host.Get($"/v2/images/{named}"))["stores"]);
        Assert.Equal(Some, (await host.Get($"/v2/images/{named}/file")).Body);

        var id = await Staged(host);
        Assert.Equal(409, (await Import(host, id, new { method = new { name = "glance-direct" }, stores = new[] { "nope" } })).Status);
        Assert.Equal(400, (await Import(host, id, new { method = new { name = "glance-direct" }, stores = new[] { "file" }, all_stores = true })).Status);
        Assert.Equal(202, (await Import(host, id, new { method = new { name = "glance-direct" }, all_stores = true })).Status);
        Assert.Equal("file,other", (await host.Get($"/v2/images/{id}"))["stores"]);
        Assert.Equal(Some, host.Store.Data[Guid.Parse(id)]);
        Assert.Equal(Some, host.Other.Data[Guid.Parse(id)]);

        id = await Staged(host);
        var reply = await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, Direct, null, ("x-image-meta-store", "other"));
        Assert.Equal(202, reply.Status);
        await host.Settled(id);
        Assert.Equal("other", (await host.Get($"/v2/images/{id}"))["stores"]);
    }

    [Theory, OnEachDatabase]
    public async Task A_store_that_fails_fails_the_import_unless_others_are_enough(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        host.Other.Failure = new Fault(FaultKind.TooLarge, "StorageFull", "The other store is full.");
        var id = await Staged(host);
        Assert.Equal(202, (await Import(host, id, new { method = new { name = "glance-direct" }, stores = new[] { "file", "other" } })).Status);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("queued", null, null, "", "other"), (image["status"], image["stores"], image["size"], image["os_glance_importing_to_stores"], image["os_glance_failed_import"]));
        var task = (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]![0]!;
        Assert.Equal(("failure", "The other store is full."), (task["status"]!.ToString(), task["message"]!.ToString()));
        Assert.Empty(host.Store.Data);
        Assert.Empty(host.Staged);

        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, Some)).Status);
        Assert.Equal(202, (await Import(host, id, new { method = new { name = "glance-direct" }, stores = new[] { "other", "file" }, all_stores_must_succeed = false })).Status);
        image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "file", "", "other"), (image["status"], image["stores"], image["os_glance_importing_to_stores"], image["os_glance_failed_import"]));
        Assert.Equal("success", (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]![0]!["status"]!.ToString());
    }

    [Theory, OnEachDatabase]
    public async Task Data_is_copied_to_another_store_and_taken_out_of_the_first(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.CreateRaw("x", Some);
        Assert.Equal(403, (await Import(host, id, Copy("other"))).Status);
        Assert.Equal(400, (await Import(host, id, Copy("file"), ImageHost.Admin)).Status);
        Assert.Equal(409, (await Import(host, await host.CreateRaw("y"), Copy("other"), ImageHost.Admin)).Status);
        Assert.Equal(403, (await host.Send("DELETE", $"/v2/stores/file/{id}", ImageHost.Admin)).Status);
        Assert.Equal(202, (await Import(host, id, Copy("other"), ImageHost.Admin)).Status);
        Assert.Equal("file,other", (await host.Get($"/v2/images/{id}"))["stores"]);
        Assert.Equal(202, (await Import(host, id, new { method = new { name = "copy-image" }, all_stores = true }, ImageHost.Admin)).Status);

        Assert.Equal(403, (await host.Send("DELETE", $"/v2/stores/file/{id}", ImageHost.Alice)).Status);
        Assert.Equal(409, (await host.Send("DELETE", $"/v2/stores/nope/{id}", ImageHost.Admin)).Status);
        Assert.Equal(404, (await host.Send("DELETE", $"/v2/stores/file/{NewId.Uuid()}", ImageHost.Admin)).Status);
        Assert.Equal(204, (await host.Send("DELETE", $"/v2/stores/file/{id}", ImageHost.Admin)).Status);
        Assert.Equal("other", (await host.Get($"/v2/images/{id}"))["stores"]);
        Assert.Empty(host.Store.Data);
        Assert.Equal(Some, (await host.Get($"/v2/images/{id}/file")).Body);
        Assert.Equal(403, (await host.Send("DELETE", $"/v2/stores/other/{id}", ImageHost.Admin)).Status);
    }

    [Fact]
    public async Task A_copy_of_damaged_data_fails_and_the_image_stays()
    {
        await using var host = await ImageHost.Start();
        var id = await host.CreateRaw("x", Some);
        host.Store.Data[Guid.Parse(id)] = new byte[10];
        Assert.Equal(202, (await Import(host, id, Copy("other"), ImageHost.Admin)).Status);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "file", "other", "10"), (image["status"], image["stores"], image["os_glance_failed_import"], image["size"]));
        Assert.Contains("damaged", (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]![0]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Empty(host.Other.Data);
        Assert.Empty(host.Staged);
    }

    [Theory, OnEachDatabase]
    public async Task An_image_that_is_deleted_while_it_is_imported_leaves_nothing(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await Staged(host);
        var reached = new TaskCompletionSource();
        host.Store.BeforeCommit = async ct =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, ct);
        };
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, Direct)).Status);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var running = await host.Get($"/v2/images/{id}");
        Assert.Equal(("importing", "file"), (running["status"], running["os_glance_importing_to_stores"]));
        Assert.Equal("processing", (await host.Get($"/v2/tasks/{running["os_glance_import_task"]}", ImageHost.Admin))["status"]);
        Assert.Equal(409, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, Direct)).Status);
        Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Status);
        await host.Settled(id);
        Assert.Empty(host.Store.Data);
        Assert.Empty(host.Staged);
        Assert.Equal("failure", (await host.Get($"/v2/tasks/{running["os_glance_import_task"]}", ImageHost.Admin))["status"]);
    }

    [Fact]
    public async Task Methods_and_stores_are_shown()
    {
        await using var host = await ImageHost.Start();
        Assert.Equal(["glance-direct", "web-download", "copy-image", "glance-download"], (await host.Get("/v2/info/import")).Json["import-methods"]!["value"]!.AsArray().Select(m => m!.ToString()));
        Assert.Equal("""[{"id":"file","default":"true"},{"id":"other","description":"The second one"}]""", (await host.Get("/v2/info/stores")).Json["stores"]!.ToJsonString());
        Assert.Equal(403, (await host.Get("/v2/info/stores/detail")).Status);
        Assert.Equal("""{"id":"other","description":"The second one","type":"memory","properties":{"size":"small"}}""",
            (await host.Get("/v2/info/stores/detail", ImageHost.Admin)).Json["stores"]![1]!.ToJsonString());
        var made = await host.Send("POST", "/v2/images", ImageHost.Alice, new { name = "x" });
        Assert.Equal(("glance-direct,web-download,copy-image,glance-download", "file,other"), (made.Headers["OpenStack-image-import-methods"], made.Headers["OpenStack-image-store-ids"]));
    }

    [Fact]
    public Task An_import_stands_failures_and_lost_processes_at_every_step() => OperationHarness.Run(async () =>
    {
        var host = await ImageHost.Start();
        await host.StopOperations();
        // A package: with it every step has something to do.
        var image = Guid.Parse(await host.Create(new { name = "x", disk_format = "vmdk", container_format = "ova" }));
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{image}/stage", ImageHost.Alice, Packages.Tar(Packages.Files()))).Status);
        var request = ImportRequest.Read(JsonSerializer.SerializeToElement(Direct), ["glance-direct"]);
        var task = new TaskRow(NewId.Uuid(), image, "api_image_import", "processing", "alice", "alice", "req-1", request.Method, null, "", host.Db.Now, host.Db.Now, host.Db.Now.AddDays(1));
        string[] stores = ["file", "other"];
        return new OperationScenario
        {
            Db = host.Db,
            Kinds = [.. host.Services.GetServices<Operation>()],
            Start = async operations =>
            {
                await host.Db.InTransaction(async () =>
                {
                    await host.Services.GetRequiredService<TaskTable>().Insert(task);
                    Assert.True(await host.Services.GetRequiredService<ImportTable>().Begin(image, "uploading", task.Id, stores));
                    await operations.Start(ImportImage.Resource(image), new ImportImage.State(image, task.Id, request, stores));
                });
                return ImportImage.Resource(image);
            },
            AssertDone = async () =>
            {
                var shown = await host.Get($"/v2/images/{image}");
                Assert.Equal(("active", "file,other", "bare"), (shown["status"], shown["stores"], shown["container_format"]));
                Assert.Equal(Packages.Vmdk(), host.Store.Data[image]);
                Assert.Equal(Packages.Vmdk(), host.Other.Data[image]);
                Assert.Empty(host.Staged);
            },
            AssertClean = async () =>
            {
                Assert.Equal("queued", (await host.Get($"/v2/images/{image}"))["status"]);
                Assert.Equal("failure", (await host.Get($"/v2/tasks/{task.Id}", ImageHost.Admin))["status"]);
                Assert.Empty(host.Store.Data);
                Assert.Empty(host.Other.Data);
                Assert.Empty(host.Staged);
            },
            End = host.DisposeAsync,
        };
    }, nameof(ImportImage));
}
