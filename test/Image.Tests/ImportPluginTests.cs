using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Nephos.Drivers.Fake;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>What is made of imported data, where the operator wants it.</summary>
public sealed class ImportPluginTests
{
    private static readonly byte[] Some = [.. Enumerable.Range(0, 3 << 20).Select(i => (byte)(i * 7 % 251))];
    private static readonly object Direct = new { method = new { name = "glance-direct" } };

    private static Task<ImageHost> Host(DatabaseKind kind, params string[] plugins) =>
        ImageHost.Start(kind, options: o => o with { ImportPlugins = plugins, MaxUnpacked = 8 << 20, InjectedProperties = new Dictionary<string, string> { ["checked_by"] = "us", ["os_distro"] = "ours" } });

    private static async Task<Reply> Imported(ImageHost host, byte[] data, string disk = "raw", string container = "bare", string who = ImageHost.Alice)
    {
        var id = await host.Create(new { name = "x", disk_format = disk, container_format = container, os_distro = "theirs" }, token: who);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/stage", who, data)).Status);
        var reply = await host.Send("POST", $"/v2/images/{id}/import", who, Direct);
        Assert.True(reply.Status == 202, reply.Text);
        await host.Settled(id);
        Assert.Empty(host.Staged);
        return await host.Get($"/v2/images/{id}", who);
    }

    private static async Task<string> Why(ImageHost host, Reply image) => (await host.Get($"/v2/images/{image["id"]}/tasks")).Json["tasks"]![0]!["message"]!.ToString();

    private static byte[] Gzip(byte[] content)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(content);
        return memory.ToArray();
    }

    private static byte[] Zip(params byte[][] files)
    {
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (file, i) in files.Select((f, i) => (f, i)))
                using (var entry = zip.CreateEntry($"disk{i}").Open()) entry.Write(file);
        return memory.ToArray();
    }

    [Theory, OnEachDatabase]
    public async Task Packed_data_is_unpacked(DatabaseKind kind)
    {
        await using var host = await Host(kind, "image_decompression");
        foreach (var packed in (byte[][])[Gzip(Some), Zip(Some)])
        {
            var image = await Imported(host, packed);
            Assert.Equal(("active", $"{Some.Length}", "raw"), (image["status"], image["size"], image["disk_format"]));
            Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(Some)), image["os_hash_value"]);
            Assert.Equal(Some, (await host.Get($"/v2/images/{image["id"]}/file")).Body);
            Assert.StartsWith("Copied", await Why(host, image), StringComparison.Ordinal);
        }
        // What is not packed, or says that it is, stays as it is.
        Assert.Equal(Some, host.Store.Data[Guid.Parse((await Imported(host, Some))["id"]!)]);
        var kept = await Imported(host, Gzip(Some), container: "compressed");
        Assert.Equal(Gzip(Some), host.Store.Data[Guid.Parse(kept["id"]!)]);
    }

    [Fact]
    public async Task Bombs_damage_and_archives_of_many_files_are_refused_and_leave_nothing()
    {
        await using var host = await Host(DatabaseKind.Sqlite, "image_decompression");
        var damaged = Gzip(Some);
        damaged[damaged.Length / 2] ^= 0x55;
        foreach (var (data, why) in new[]
        {
            (Gzip(new byte[9 << 20]), "unpacks to more than 8388608 bytes"), (Zip(new byte[9 << 20]), "unpacks to more than"), (damaged, "damaged"), (Gzip(Some)[..5000], "damaged"),
            (Zip(Some, Some), "it has 2 files instead of one"), (Gzip(EmptyQcow2.Bytes(1 << 20)), "its data is qcow2"),
        })
        {
            var image = await Imported(host, data);
            Assert.Equal(("queued", null), (image["status"], image["size"]));
            Assert.Contains(why, await Why(host, image), StringComparison.Ordinal);
        }
        Assert.Empty(host.Store.Data);
    }

    [Theory, OnEachDatabase]
    public async Task Disks_are_turned_into_the_format_the_operator_wants(DatabaseKind kind)
    {
        await using var host = await Host(kind, "image_decompression", "image_conversion");
        foreach (var data in (byte[][])[EmptyQcow2.Bytes(1 << 20), Gzip(EmptyQcow2.Bytes(1 << 20))])
        {
            var image = await Imported(host, data, "qcow2");
            Assert.Equal(("active", "raw", "bare", "1048576", "1048576"), (image["status"], image["disk_format"], image["container_format"], image["size"], image["virtual_size"]));
            Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(new byte[1 << 20])), image["os_hash_value"]);
        }
        Assert.Equal("iso", (await Imported(host, Some, "iso"))["disk_format"] ?? "");
        Assert.Equal("aki", (await Imported(host, Some, "aki", "aki"))["disk_format"]);
    }

    [Theory, OnEachDatabase]
    public async Task The_operators_properties_are_added_to_imports_of_users(DatabaseKind kind)
    {
        await using var host = await Host(kind, "inject_image_metadata");
        var image = await Imported(host, Some);
        Assert.Equal(("us", "ours"), (image["checked_by"], image["os_distro"]));
        image = await Imported(host, Some, who: ImageHost.Admin);
        Assert.Equal((null, "theirs"), (image["checked_by"], image["os_distro"]));
    }
}
