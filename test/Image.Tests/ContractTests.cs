using System.Text.Json;
using Nephos.Contracts;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class ContractTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static NewImage Snapshot(Guid id) => new(id, "snap", "alice", "u-alice", "raw", "bare", 1, 2, new Dictionary<string, string> { ["base_image_ref"] = "x" });

    [Theory, OnEachDatabase]
    public async Task A_snapshot_is_made_and_filled_once_however_often_it_is_asked(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = NewId.Uuid();
        await host.Images.Create(Snapshot(id), 1, None);
        await host.Images.Create(Snapshot(id), 1, None);
        Assert.Null(await host.Images.Open(id, None));
        await host.Images.PutData(id, new MemoryStream([1, 2, 3]), None);
        await host.Images.PutData(id, new MemoryStream([9]), None);
        var info = Assert.Single(await host.Images.Get([id, NewId.Uuid()], None));
        Assert.Equal(("snap", "active", "alice", "private", 3L, "x"), (info.Name, info.Status, info.Owner, info.Visibility, info.Size, info.Properties["base_image_ref"]));
        await using var data = (await host.Images.Open(id, None))!;
        Assert.Equal(3, data.Length);
        Assert.Equal("active", (await host.Get($"/v2/images/{id}"))["status"]);
    }

    [Theory, OnEachDatabase]
    public async Task After_a_delete_a_late_create_is_refused(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = NewId.Uuid();
        await host.Images.Delete(id, 3, None);
        foreach (var epoch in (long[])[2, 3]) Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => host.Images.Create(Snapshot(id), epoch, None))).Kind);
        await host.Images.Create(Snapshot(id), 4, None);
        await host.Images.PutData(id, new MemoryStream([1]), None);
        await host.Images.Delete(id, 5, None);
        await host.Images.Delete(id, 5, None);
        await host.Settled(id.ToString());
        Assert.Empty(await host.Images.Get([id], None));
        Assert.Empty(host.Store.Data);
        await Assert.ThrowsAsync<Fault>(() => host.Images.PutData(id, new MemoryStream([1]), None));
        // A user who deletes it is heard too.
        var other = NewId.Uuid();
        await host.Images.Create(Snapshot(other), 1, None);
        Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{other}", ImageHost.Alice)).Status);
        await Assert.ThrowsAsync<Fault>(() => host.Images.Create(Snapshot(other), 1, None));
    }

    [Fact]
    public async Task Members_are_those_that_did_not_reject()
    {
        await using var host = await ImageHost.Start();
        var id = await host.CreateRaw("x");
        foreach (var member in (string[])["bob", "carol"]) await host.Send("POST", $"/v2/images/{id}/members", ImageHost.Alice, new { member });
        await host.Send("PUT", $"/v2/images/{id}/members/bob", ImageHost.Bob, new { status = "rejected" });
        Assert.Equal(["carol"], (await host.Images.Get([Guid.Parse(id)], None))[0].Members);
    }

    [Fact]
    public async Task Documents_are_shown()
    {
        await using var host = await ImageHost.Start();
        foreach (var name in (string[])["image", "images", "member", "members", "task", "tasks"]) Assert.Equal(name, (await host.Get($"/v2/schemas/{name}"))["name"]);
        Assert.Equal("""["null","string"]""", (await host.Get("/v2/schemas/image")).Json["properties"]!["name"]!["type"]!.ToJsonString());
        Assert.Equal("null", JsonSerializer.Serialize((await host.Get("/v2/schemas/image")).Json["properties"]!["disk_format"]!["enum"]![0]));
        Assert.Equal(405, (await host.Send("PUT", "/v2/images", ImageHost.Alice)).Status);
    }
}
