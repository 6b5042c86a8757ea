using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Ceph;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>An image's way between stores of which one is a real Ceph.</summary>
public sealed class CephStoreTests(CephNode ceph) : IClassFixture<CephNode>
{
    [Fact]
    public async Task An_image_lies_in_files_and_in_ceph_and_is_read_from_either()
    {
        if (CephNode.Missing is { } why) Assert.Skip(why);
        using var rbd = new RbdImageStore(new RbdOptions { Cluster = new CephOptions { ConfFile = ceph.ConfFile, User = "glance", ConnectTimeout = TimeSpan.FromMinutes(2), AnswerTimeout = TimeSpan.FromMinutes(2) } });
        await using var host = await ImageHost.Start(services: s => s.AddSingleton(new NamedStore("ceph", rbd)));
        var data = RandomNumberGenerator.GetBytes(9_000_000);

        // Straight into Ceph.
        var first = await host.CreateRaw("first");
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{first}/file", ImageHost.Alice, data, null, ("X-Image-Meta-Store", "ceph"))).Status);
        Assert.Equal("ceph", (await host.Get($"/v2/images/{first}"))["stores"]);
        Assert.Equal(data, (await host.Get($"/v2/images/{first}/file")).Body);
        var part = await host.Send("GET", $"/v2/images/{first}/file", ImageHost.Alice, null, null, ("Range", "bytes=8388600-8388619"));
        Assert.Equal((206, "bytes 8388600-8388619/9000000"), (part.Status, part.Headers["Content-Range"]));
        Assert.Equal(data[8388600..8388620], part.Body);

        // Into files, from there to Ceph, and out of the files.
        var second = await host.CreateRaw("second", data);
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{second}/import", ImageHost.Admin, new { method = new { name = "copy-image" }, stores = (string[])["ceph"] })).Status);
        await host.Settled(second);
        Assert.Equal("file,ceph", (await host.Get($"/v2/images/{second}"))["stores"]);
        Assert.Equal(204, (await host.Send("DELETE", $"/v2/stores/file/{second}", ImageHost.Admin)).Status);
        Assert.Empty(host.Store.Data);
        Assert.Equal(data, (await host.Get($"/v2/images/{second}/file")).Body);

        foreach (var id in (string[])[first, second])
        {
            Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Status);
            await host.Settled(id);
        }
        Assert.Empty(await rbd.List(default));
    }
}
