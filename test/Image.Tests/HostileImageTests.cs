using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Nephos.Drivers.Fake;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>Images that are not what they say, or more than that: refused with the reason, and kept nowhere.</summary>
public sealed class HostileImageTests
{
    private static readonly byte[] Qcow2 = EmptyQcow2.Bytes(1 << 30);

    private static byte[] Changed(int at, uint value)
    {
        var bytes = (byte[])Qcow2.Clone();
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), value);
        return bytes;
    }

    private static byte[] WithIso(byte[] bytes)
    {
        var both = new byte[Math.Max(bytes.Length, 64 << 10)];
        bytes.CopyTo(both, 0);
        "\u0001CD001"u8.CopyTo(both.AsSpan(0x8000));
        return both;
    }

    private static byte[] Tar(string name, byte[] content)
    {
        var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, TarEntryFormat.Ustar, leaveOpen: true)) tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return memory.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(content);
        return memory.ToArray();
    }

    public static TheoryData<string, string, string, string?> Images => new()
    {
        // What the data is, what it claims to be, and why it is refused.
        { "random", "raw", "bare", null },
        { "random", "ami", "ami", null },
        { "random", "qcow2", "bare", "claims the disk format qcow2, but its data is none that is known" },
        { "random", "vmdk", "bare", "claims the disk format vmdk" },
        { "random", "iso", "bare", "claims the disk format iso" },
        { "random", "vhd", "ovf", "claims the disk format vhd" },
        { "random", "ploop", "bare", "claims the disk format ploop" },
        { "empty", "qcow2", "bare", "claims the disk format qcow2" },
        { "qcow2", "qcow2", "bare", null },
        { "qcow2", "qcow2", "ovf", null },
        { "qcow2", "raw", "bare", "claims the disk format raw, but its data is qcow2" },
        { "qcow2", "aki", "aki", "claims the disk format aki, but its data is qcow2" },
        { "qcow2", "vmdk", "bare", "claims the disk format vmdk, but its data is qcow2" },
        { "backing", "qcow2", "bare", "it has a backing file" },
        { "backing", "raw", "bare", "it has a backing file" },
        { "datafile", "qcow2", "bare", "it has an external data file" },
        { "encrypted", "qcow2", "bare", "it is encrypted" },
        { "descriptor", "vmdk", "bare", "names other files" },
        { "descriptor", "raw", "bare", "names other files" },
        { "qcow2+iso", "qcow2", "bare", "it is qcow2 and iso at once" },
        { "qcow2+iso", "iso", "bare", "it is qcow2 and iso at once" },
        { "qcow2+vhd", "qcow2", "bare", "it is qcow2 and vhd at once" },
        { "luks", "raw", "bare", null },
        { "luks", "qcow2", "bare", "its data is luks" },
        { "iso", "iso", "bare", null },
        { "iso", "raw", "bare", null },
        { "iso", "qcow2", "bare", "its data is iso" },
        { "tar", "vmdk", "ova", null },
        { "tar", "raw", "docker", null },
        { "tar", "qcow2", "bare", "its data is tar" },
        { "random", "vmdk", "ova", "claims the container format ova, but its data is raw" },
        { "qcow2", "qcow2", "ova", "claims the container format ova, but its data is qcow2" },
        { "random", "raw", "docker", "claims the container format docker" },
        { "gzip", "qcow2", "compressed", null },
        { "gzip", "raw", "bare", null },
        { "gzip", "qcow2", "bare", "its data is gzip" },
        { "qcow2", "qcow2", "compressed", "claims the container format compressed" },
    };

    private static byte[] Bytes(string what) => what switch
    {
        "random" => Encoding.ASCII.GetBytes(new string('x', 70_000)),
        "empty" => [],
        "qcow2" => Qcow2,
        "backing" => Changed(12, 512),
        "datafile" => Changed(76, 4),
        "encrypted" => Changed(32, 2),
        "descriptor" => "# Disk DescriptorFile\nversion=1\nRW 20480 FLAT \"/etc/shadow\" 0\n"u8.ToArray(),
        "qcow2+iso" => WithIso(Qcow2),
        "qcow2+vhd" => [.. Qcow2, .. "conectix"u8, .. new byte[504]],
        "luks" => [.. "LUKS"u8, 0xba, 0xbe, 0, 1, .. new byte[5000]],
        "iso" => WithIso([]),
        "tar" => Tar("vm.ovf", "<Envelope/>"u8.ToArray()),
        "gzip" => Gzip(Qcow2),
        _ => throw new ArgumentException(what),
    };

    [Theory, MemberData(nameof(Images))]
    public async Task Data_must_be_what_the_image_claims(string what, string disk, string container, string? why)
    {
        await using var host = await ImageHost.Start();
        var id = await host.Create(new { disk_format = disk, container_format = container });
        var put = await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, Bytes(what));
        Assert.Equal(why is null ? 204 : 400, put.Status);
        Assert.Equal(why is null ? "active" : "queued", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Empty(host.Staged);
        if (why is null) return;
        Assert.Contains(why, put.Text, StringComparison.Ordinal);
        Assert.Empty(host.Store.Data);
    }

    [Theory, OnEachDatabase]
    public async Task An_import_looks_as_closely(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.Create(new { disk_format = "qcow2", container_format = "bare" });
        Assert.Contains("it has a backing file", (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, Bytes("backing"))).Text, StringComparison.Ordinal);
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Empty(host.Staged);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, Bytes("random"))).Status);
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, new { method = new { name = "glance-direct" } })).Status);
        await host.Settled(id);
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Contains("none that is known", (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]![0]!["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Empty(host.Staged);
        Assert.Empty(host.Store.Data);
    }

    [Fact]
    public async Task Sizes_come_from_headers_and_a_pretended_cloud_takes_what_nobody_knows()
    {
        await using var host = await ImageHost.Start(options: o => o with { RequireFormatMatch = false });
        var id = await host.Create(new { disk_format = "qcow2", container_format = "bare" }, Qcow2);
        Assert.Equal("1073741824", (await host.Get($"/v2/images/{id}"))["virtual_size"]);
        id = await host.Create(new { disk_format = "qcow2", container_format = "bare" }, Bytes("random"));
        Assert.Null((await host.Get($"/v2/images/{id}"))["virtual_size"]);
        id = await host.Create(new { disk_format = "qcow2", container_format = "bare" });
        Assert.Equal(400, (await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, Bytes("backing"))).Status);
    }
}
