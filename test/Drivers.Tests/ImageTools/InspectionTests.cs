using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.ImageTools;
using Xunit;

namespace Nephos.Drivers.Tests.ImageTools;

public sealed class InspectionTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    const long Size = 10 << 20;

    readonly TempFolder folder = new();
    readonly Commands commands = new(NullLoggerFactory.Instance, TimeProvider.System);

    public void Dispose() => folder.Dispose();

    QemuImageTools Tools(long memory = 1L << 30)
    {
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        return new(new ImageToolsOptions { RunAs = Libc.IsRoot ? new RunAs(65534, 65534) : null, MemoryBytes = memory }, commands);
    }

    async Task<string> Made(params string[] arguments)
    {
        if (!File.Exists("/usr/bin/qemu-img")) Assert.Skip("qemu-img is not installed");
        await commands.Must("qemu-img", ["create", "-q", .. arguments, folder["image"], $"{Size}"], Ct);
        return folder["image"];
    }

    Task<ImageFacts> Inspect(string path) => Tools().Inspect(path, Ct);

    [Theory]
    [InlineData("qcow2", "qcow2")]
    [InlineData("qcow2", "qcow2", "-o", "compat=0.10")]
    [InlineData("qcow2", "qcow2", "-o", "extended_l2=on,cluster_size=128k")]
    [InlineData("qcow2", "qcow2", "-o", "lazy_refcounts=on,preallocation=metadata")]
    [InlineData("qed", "qed")]
    [InlineData("vmdk", "vmdk")]
    [InlineData("vmdk", "vmdk", "-o", "subformat=streamOptimized")]
    [InlineData("vdi", "vdi")]
    [InlineData("vhd", "vpc", "-o", "force_size=on")]
    [InlineData("vhd", "vpc", "-o", "subformat=fixed,force_size=on")]
    [InlineData("vhdx", "vhdx")]
    [InlineData("raw", "raw")]
    public async Task What_tools_make_is_recognised_with_its_size(string format, string driver, params string[] more) =>
        Assert.Equal(new ImageFacts(format, Size, null), await Inspect(await Made(["-f", driver, .. more])));

    [Theory]
    [InlineData("qcow2", "backing file", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", "-u")]
    [InlineData("qed", "backing file", "-f", "qed", "-b", "/etc/passwd", "-F", "raw", "-u")]
    [InlineData("vmdk", "other files", "-f", "vmdk", "-o", "subformat=twoGbMaxExtentSparse")]
    public async Task What_refers_to_other_files_is_dangerous(string format, string why, params string[] arguments)
    {
        var facts = await Inspect(await Made(arguments));
        Assert.Equal(format, facts.Format);
        Assert.Matches($"{why}|names other files", facts.Danger);
    }

    [Fact]
    public async Task A_qcow2_with_an_external_data_file_is_dangerous() =>
        Assert.Contains("data file", (await Inspect(await Made("-f", "qcow2", "-o", $"data_file={folder["data"]}"))).Danger, StringComparison.Ordinal);

    [Theory]
    [InlineData(4, 9u, "version")]
    [InlineData(20, 40u, "cluster size")]
    [InlineData(32, 2u, "encrypted")]
    [InlineData(76, 2u, "corrupt")]
    [InlineData(76, 0x20u, "features")]
    [InlineData(72, 1u, "features")]
    [InlineData(100, 9u, "length")]
    [InlineData(100, 0xfffffff8u, "length")]
    [InlineData(104, 0x44415441u, "data file")]
    [InlineData(104, 0xE2792ACAu, "backing file")]
    [InlineData(24, 0xffffffffu, "size")]
    public async Task A_qcow2_header_that_is_not_as_it_should_be_is_dangerous(int at, uint value, string why)
    {
        var bytes = Drivers.Fake.EmptyQcow2.Bytes(Size);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), value);
        File.WriteAllBytes(folder["x"], bytes);
        Assert.Contains(why, (await Inspect(folder["x"])).Danger, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("createType=\"monolithicSparse\"", "createType=\"monolithicFlat\"")]
    [InlineData("createType=\"monolithicSparse\"", "createType=\"custom\"")]
    [InlineData("parentCID=ffffffff", "parentCID=12345678")]
    [InlineData("SPARSE \"image\"", "SPARSE \"/etc/shadow\"")]
    [InlineData("SPARSE \"image\"", "FLAT \"passwd\" 0")]
    [InlineData("SPARSE \"image\"", "SPARSE \"image\"\nRW 1 FLAT \"/etc/shadow\" 0")]
    public async Task A_vmdk_descriptor_that_leads_elsewhere_is_dangerous(string from, string to)
    {
        var path = await Made("-f", "vmdk");
        var bytes = File.ReadAllBytes(path);
        var text = Encoding.Latin1.GetString(bytes, 512, 20 * 512);
        Assert.Contains(from, text, StringComparison.Ordinal);
        var changed = Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal).TrimEnd('\0'));
        bytes.AsSpan(512, 20 * 512).Clear();
        changed.CopyTo(bytes, 512);
        File.WriteAllBytes(path, bytes);
        Assert.NotNull((await Inspect(path)).Danger);
    }

    [Fact]
    public async Task A_vmdk_descriptor_alone_is_dangerous()
    {
        File.WriteAllText(folder["x"], "# Disk DescriptorFile\nversion=1\nRW 20480 FLAT \"/etc/shadow\" 0\n");
        Assert.Contains("other files", (await Inspect(folder["x"])).Danger, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_iso_a_luks_volume_and_a_partitioned_disk_are_told_apart()
    {
        var bytes = new byte[1 << 20];
        "CD001"u8.CopyTo(bytes.AsSpan(0x8001));
        File.WriteAllBytes(folder["x"], bytes);
        Assert.Equal(new ImageFacts("iso", 1 << 20, null), await Inspect(folder["x"]));
        new byte[] { (byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xba, 0xbe, 0, 1 }.CopyTo(bytes, 0);
        File.WriteAllBytes(folder["x"], bytes);
        Assert.Equal("luks", (await Inspect(folder["x"])).Format);
        Array.Clear(bytes);
        (bytes[510], bytes[511]) = (0x55, 0xaa);
        "EFI PART"u8.CopyTo(bytes.AsSpan(512));
        File.WriteAllBytes(folder["x"], bytes);
        Assert.Equal(new ImageFacts("raw", 1 << 20, null), await Inspect(folder["x"]));
    }

    [Fact]
    public async Task Archives_and_compressed_data_are_told_by_their_names()
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true)) writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "vm.ovf") { DataStream = new MemoryStream([1]) });
        Assert.Equal("tar", (await Inspection.Of(tar, Ct)).Format);
        tar.GetBuffer()[0] ^= 1;
        Assert.Equal("raw", (await Inspection.Of(tar, Ct)).Format);
        var gzip = new MemoryStream();
        using (var writer = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true)) writer.Write(new byte[1000]);
        Assert.Equal("gzip", (await Inspection.Of(gzip, Ct)).Format);
        foreach (var (format, bytes) in new (string, byte[])[] { ("bzip2", [.. "BZh9"u8]), ("xz", [0xfd, .. "7zXZ"u8, 0]), ("zip", [.. "PK"u8, 3, 4]), ("zstd", [0x28, 0xb5, 0x2f, 0xfd]), ("raw", [.. "BZ"u8]) })
            Assert.Equal(format, (await Inspection.Of(new MemoryStream([.. bytes, .. new byte[600]]), Ct)).Format);
    }

    [Fact]
    public async Task What_is_two_formats_at_once_is_dangerous()
    {
        foreach (var (format, seed) in await Seeds())
        {
            foreach (var (other, at, bytes) in new (string, int, byte[])[] { ("iso", 0x8001, [.. "CD001"u8]), ("vdi", 0x40, [0x7f, 0x10, 0xda, 0xbe]), ("vhd", -512, [.. "conectix"u8]) })
            {
                if (other == format) continue;
                var both = new byte[Math.Max(seed.Length, 0x9000) + 512];
                seed.CopyTo(both, 0);
                bytes.CopyTo(both, at < 0 ? both.Length + at : at);
                var facts = await Inspection.Of(new MemoryStream(both), Ct);
                Assert.True(facts.Danger is not null, $"{format} and {other}");
            }
        }
    }

    [Fact]
    public async Task Hostile_bytes_never_break_the_reader()
    {
        var random = new Random(20261120);
        foreach (var (_, seed) in (await Seeds()).Concat(OtherSeeds()))
        {
            // Where something stands, mostly headers, tables and descriptors.
            var marks = Enumerable.Range(0, seed.Length).Where(i => seed[i] != 0).DefaultIfEmpty().ToArray();
            for (var round = 0; round < 600; round++)
            {
                var bytes = (byte[])seed.Clone();
                for (var flips = random.Next(1, 12); flips > 0; flips--)
                {
                    var at = random.Next(4) switch { 0 => random.Next(Math.Min(bytes.Length, 512)), 1 => random.Next(Math.Min(bytes.Length, 4096)), 2 => random.Next(bytes.Length), _ => marks[random.Next(marks.Length)] };
                    bytes[at] = random.Next(4) switch { 0 => 0xff, 1 => 0, 2 => 0x7f, _ => (byte)random.Next(256) };
                }
                var length = random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length;
                var facts = await Inspection.Of(new MemoryStream(bytes, 0, length), Ct);
                Assert.InRange(facts.VirtualSize, 0, 1L << 60);
            }
        }
    }

    /// <summary>What is no disk of a format, or text.</summary>
    static IEnumerable<(string Format, byte[] Bytes)> OtherSeeds()
    {
        var (iso, parts, plain, tar, gzip) = (new byte[0x9000], new byte[0x1000], new byte[0x1000], new MemoryStream(), new MemoryStream());
        "conectix"u8.CopyTo(plain.AsSpan(0xe00));
        (plain[0xe00 + 54], plain[0xe00 + 63]) = (0x0e, 2);
        "\u0001CD001\u0001"u8.CopyTo(iso.AsSpan(0x8000));
        (parts[510], parts[511]) = (0x55, 0xaa);
        "EFI PART"u8.CopyTo(parts.AsSpan(512));
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true)) writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, new string('n', 200)) { DataStream = new MemoryStream([1]) });
        using (var writer = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true)) writer.Write(new byte[1000]);
        var text = Encoding.ASCII.GetBytes("# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 20480 FLAT \"x.vmdk\" 0\n");
        return [("iso", iso), ("vhd", plain), ("gpt", parts), ("iso", [.. parts, .. iso[0x1000..]]), ("tar", tar.ToArray()), ("gzip", gzip.ToArray()), ("vmdk-text", text)];
    }

    /// <summary>One honest image of each format; those that need a tool only where it is.</summary>
    async Task<List<(string Format, byte[] Bytes)>> Seeds()
    {
        List<(string, byte[])> seeds = [("qcow2", Drivers.Fake.EmptyQcow2.Bytes(Size)), ("luks", [.. "LUKS"u8, 0xba, 0xbe, 0, 1, .. new byte[4088]]), ("ploop", [.. "WithoutFreeSpace"u8, .. new byte[4080]]), ("qcow", [.. "QFI"u8, 0xfb, 0, 0, 0, 1, .. new byte[4088]])];
        if (!File.Exists("/usr/bin/qemu-img")) return seeds;
        foreach (var (format, driver, options) in new (string, string, string[])[]
            { ("vmdk", "vmdk", []), ("vmdk", "vmdk", ["-o", "subformat=streamOptimized"]), ("vdi", "vdi", []), ("vhd", "vpc", []), ("qed", "qed", []), ("qcow2", "qcow2", []), ("vhdx", "vhdx", []) })
        {
            await commands.Must("qemu-img", ["create", "-q", "-f", driver, .. options, folder["seed"], "1M"], Ct);
            var bytes = File.ReadAllBytes(folder["seed"]);
            seeds.Add((format, bytes.Length > 4 << 20 ? bytes[..(4 << 20)] : bytes));
        }
        return seeds;
    }

    [Fact]
    public async Task Converting_keeps_the_bytes()
    {
        var path = await Made("-f", "raw");
        var bytes = new byte[Size];
        new Random(1).NextBytes(bytes.AsSpan(0, 1 << 20));
        File.WriteAllBytes(path, bytes);
        await Tools().Convert(path, "raw", folder["q"], "qcow2", null, Ct);
        Assert.Equal(new ImageFacts("qcow2", Size, null), await Inspect(folder["q"]));
        File.SetUnixFileMode(folder["q"], (UnixFileMode)0b110_100_100);
        await Tools().Convert(folder["q"], "qcow2", folder["r"], "raw", null, Ct);
        Assert.Equal(bytes, File.ReadAllBytes(folder["r"]));
    }

    [Theory]
    [InlineData("vmdk")]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    [InlineData("vdi")]
    public async Task Disks_become_of_any_format_and_back(string format)
    {
        var path = await Made("-f", "raw");
        var bytes = new byte[Size];
        new Random(2).NextBytes(bytes.AsSpan(1 << 20, 1 << 20));
        File.WriteAllBytes(path, bytes);
        var told = new List<int>();
        await Tools().Convert(path, "raw", folder["there"], format, told.Add, Ct);
        Assert.Equal(new ImageFacts(format, Size, null), await Inspect(folder["there"]));
        Assert.Equal(100, told[^1]);
        File.SetUnixFileMode(folder["there"], (UnixFileMode)0b110_100_100);
        await Tools().Convert(folder["there"], format, folder["back"], "raw", null, Ct);
        Assert.Equal(bytes, File.ReadAllBytes(folder["back"]));
    }

    [Fact]
    public async Task A_raw_image_that_looks_like_qcow2_stays_raw()
    {
        var path = await Made("-f", "qcow2");
        await Tools().Convert(path, "raw", folder["r"], "raw", null, Ct);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(folder["r"])[..(int)new FileInfo(path).Length]);
    }

    [Fact]
    public async Task Dangerous_mismatched_and_unknown_images_are_not_converted()
    {
        var path = await Made("-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", "-u");
        Assert.Equal("ImageDangerous", (await Assert.ThrowsAsync<Fault>(() => Tools().Convert(path, "qcow2", folder["t"], "raw", null, Ct))).Name);
        path = await Made("-f", "vdi");
        Assert.Equal("FormatMismatch", (await Assert.ThrowsAsync<Fault>(() => Tools().Convert(path, "qcow2", folder["t"], "raw", null, Ct))).Name);
        Assert.Equal("FormatUnsupported", (await Assert.ThrowsAsync<Fault>(() => Tools().Convert(path, "luks", folder["t"], "raw", null, Ct))).Name);
        Assert.False(File.Exists(folder["t"]) || File.Exists(folder["t.part"]));
    }

    [Fact]
    public async Task A_conversion_beyond_its_memory_fails_and_leaves_nothing()
    {
        var path = await Made("-f", "qcow2");
        await Assert.ThrowsAsync<Fault>(() => Tools(memory: 16 << 20).Convert(path, "qcow2", folder["t"], "raw", null, Ct));
        Assert.False(File.Exists(folder["t"]) || File.Exists(folder["t.part"]));
    }
}
