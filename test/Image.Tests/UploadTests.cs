using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Image.Data;
using Nephos.Kernel.Convergence;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class UploadTests
{
    private static readonly byte[] Some = RandomNumberGenerator.GetBytes(10);

    [Fact]
    public async Task An_upload_needs_a_queued_image_with_formats_and_bytes()
    {
        await using var host = await ImageHost.Start();
        var bare = await host.Create(new { name = "x" });
        var missing = await host.Send("PUT", $"/v2/images/{bare}/file", ImageHost.Alice, Some);
        Assert.Equal(400, missing.Status);
        Assert.Contains("Properties disk_format, container_format must be set prior to saving data.", missing.Text, StringComparison.Ordinal);
        var half = await host.Create(new { disk_format = "raw" });
        Assert.Contains("Property container_format must be set", (await host.Send("PUT", $"/v2/images/{half}/file", ImageHost.Alice, Some)).Text, StringComparison.Ordinal);
        var id = await host.CreateRaw("y", Some);
        var again = await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, Some);
        Assert.Equal(409, again.Status);
        Assert.Contains("Image status transition from active to saving is not allowed", again.Text, StringComparison.Ordinal);
        Assert.Equal(415, (await host.Send("PUT", $"/v2/images/{await host.CreateRaw("z")}/file", ImageHost.Alice, "{}")).Status);
        Assert.Equal(400, (await host.Send("PUT", $"/v2/images/{await host.CreateRaw("z")}/file", ImageHost.Alice, Some, null, ("x-image-meta-store", "nope"))).Status);
        Assert.Equal(403, (await host.Send("PUT", $"/v2/images/{await host.CreateRaw("z")}/file", ImageHost.Reader, Some)).Status);
        Assert.Equal(404, (await host.Send("PUT", $"/v2/images/{NewId.Uuid()}/file", ImageHost.Alice, Some)).Status);
    }

    [Fact]
    public async Task Stores_are_told_which_bytes_are_the_same()
    {
        await using var host = await ImageHost.Start();
        var uploaded = await host.CreateRaw("x", Some);
        var imported = await host.CreateRaw("y");
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{imported}/stage", ImageHost.Alice, Some)).Status);
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{imported}/import", ImageHost.Alice, new { method = new { name = "glance-direct" } })).Status);
        await host.Settled(imported);
        var name = $"sha512-{Convert.ToHexStringLower(SHA512.HashData(Some))}";
        Assert.Equal([name, name], new[] { uploaded, imported }.Select(i => host.Store.Contents[Guid.Parse(i)]));
    }

    [Theory, OnEachDatabase]
    public async Task A_failed_upload_leaves_the_image_queued_and_nothing_stored(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.CreateRaw("x");
        foreach (var (failure, status) in new (Exception, int)[] { (new Fault(FaultKind.TooLarge, "StorageFull", "full"), 413), (new InvalidOperationException("bug"), 500) })
        {
            host.Store.Failure = failure;
            Assert.Equal(status, (await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, RandomNumberGenerator.GetBytes(5_000_000))).Status);
            Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
            Assert.Empty(host.Store.Data);
            Assert.Empty(host.Staged);
        }
        host.Store.Failure = null;
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, Some)).Status);
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_may_try_again()
    {
        await using var host = await ImageHost.Start();
        var id = await host.CreateRaw("x");
        var url = new Uri(host.Url);
        using (var socket = new TcpClient(url.Host, url.Port))
        {
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"PUT /image/v2/images/{id}/file HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {ImageHost.Alice}\r\nContent-Type: application/octet-stream\r\nContent-Length: 5000000\r\n\r\nabc"));
            await Until(async () => (await host.Get($"/v2/images/{id}"))["status"] == "saving");
        }
        await Until(async () => (await host.Get($"/v2/images/{id}"))["status"] == "queued");
        Assert.Empty(host.Store.Data);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, Some)).Status);
    }

    [Fact]
    public async Task Deleting_during_the_upload_makes_it_gone_and_leaves_no_data()
    {
        await using var host = await ImageHost.Start();
        var id = await host.CreateRaw("x");
        host.Store.BeforeCommit = async _ => Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Status);
        Assert.Equal(410, (await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, Some)).Status);
        Assert.Empty(host.Store.Data);
    }

    [Fact]
    public async Task Sizes_are_limited()
    {
        await using var host = await ImageHost.Start(options: o => o with { MaxImage = 1000, ProjectBytes = 1500 });
        Assert.Equal(413, (await host.Send("PUT", $"/v2/images/{await host.CreateRaw("x")}/file", ImageHost.Alice, new byte[1001])).Status);
        await host.CreateRaw("a", new byte[1000]);
        await host.CreateRaw("b", new byte[600]);
        Assert.Equal(413, (await host.Send("PUT", $"/v2/images/{await host.CreateRaw("x")}/file", ImageHost.Alice, new byte[1])).Status);
        Assert.Equal(2, host.Store.Data.Count);
    }

    [Theory]
    [InlineData("bytes=0-3", 206, "0123", "bytes 0-3/10")]
    [InlineData("bytes=8-", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-30", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=5-500", 206, "56789", "bytes 5-9/10")]
    [InlineData("bytes=10-", 416, null, null)]
    [InlineData("bytes=5-3", 416, null, null)]
    [InlineData("pages=1", 416, null, null)]
    [InlineData("bytes=0-1,3-4", 400, null, null)]
    public async Task A_part_is_read_by_its_range(string range, int status, string? body, string? contentRange)
    {
        await using var host = await ImageHost.Start();
        var id = await host.CreateRaw("x", "0123456789"u8.ToArray());
        var got = await host.Send("GET", $"/v2/images/{id}/file", ImageHost.Alice, null, null, ("Range", range));
        Assert.Equal(status, got.Status);
        if (body is null) return;
        Assert.Equal((body, contentRange), (got.Text, got.Headers["Content-Range"]));
    }

    [Theory, OnEachDatabase]
    public async Task After_a_kill_uploads_are_queued_again_and_stray_data_goes_but_not_what_no_row_is_about(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var (dead, alive, gone, stray) = (await host.CreateRaw("dead"), await host.CreateRaw("alive", Some), await host.CreateRaw("gone"), NewId.Uuid());
        await host.Send("DELETE", $"/v2/images/{gone}", ImageHost.Alice);
        await host.Settled(gone);
        await host.Db.Execute($"UPDATE image_images SET status = 'saving', writer = {NewId.Uuid()}, writer_seen_at = 0 WHERE id = {dead}");
        host.Store.Data[Guid.Parse(dead)] = Some;
        host.Store.Data[Guid.Parse(gone)] = host.Store.Data[stray] = host.Other.Data[Guid.Parse(alive)] = Some;
        var loop = host.Services.GetServices<Loop>().OfType<ReconcileData>().Single();
        await loop.Run(CancellationToken.None);
        Assert.Equal([Guid.Parse(alive), stray], host.Store.Data.Keys.OrderBy(id => id == stray));
        Assert.Empty(host.Other.Data);
        Assert.Equal("queued", (await host.Get($"/v2/images/{dead}"))["status"]);
        Assert.Equal("active", (await host.Get($"/v2/images/{alive}"))["status"]);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{dead}/file", ImageHost.Alice, Some)).Status);
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 1200; i++)
        {
            if (await holds()) return;
            await Task.Delay(50);
        }
        Assert.Fail("It never came true.");
    }
}
