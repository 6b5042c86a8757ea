using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Drivers.Exec;
using Nephos.Drivers.ImageTools;
using Xunit;

namespace Nephos.Drivers.Tests.ImageTools;

/// <summary>Compressed data by the real tools, and what hostile archives do to them: a refusal, and nothing else.</summary>
public sealed class UnpackingTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly byte[] Some = [.. Enumerable.Range(0, 5 << 20).Select(i => i < 2 << 20 ? (byte)0 : (byte)(i % 253))];

    readonly TempFolder folder = new();
    readonly Commands commands = new(NullLoggerFactory.Instance, TimeProvider.System);

    public void Dispose() => folder.Dispose();

    QemuImageTools Tools()
    {
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        return new(new ImageToolsOptions { RunAs = Libc.IsRoot ? new RunAs(65534, 65534) : null }, commands);
    }

    async Task<string> Packed(string format)
    {
        await File.WriteAllBytesAsync(folder["plain"], Some, Ct);
        switch (format)
        {
            case "gzip": await commands.Must("gzip", ["-k", "--suffix=.packed", folder["plain"]], Ct); break;
            case "zip": await ZipFile.CreateFromDirectoryAsync(OnlyThat(), folder["plain.packed"], Ct); break;
            default:
                if (!File.Exists("/usr/bin/xz")) Assert.Skip("xz is not installed");
                await commands.Must("xz", ["-0", "-k", $"--format={format}", "--suffix=.packed", folder["plain"]], Ct);
                break;
        }
        return folder["plain.packed"];
    }

    string OnlyThat()
    {
        Directory.CreateDirectory(folder["one"]);
        File.Copy(folder["plain"], Path.Combine(folder["one"], "disk.raw"));
        return folder["one"];
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zip")]
    [InlineData("xz")]
    [InlineData("lzma")]
    public async Task Data_comes_out_as_it_went_in(string format)
    {
        var (path, tools) = (await Packed(format), Tools());
        Assert.Equal(format, (await tools.Inspect(path, Ct)).Format);
        await tools.Unpack(path, format, folder["out"], Some.Length, null, Ct);
        Assert.Equal(Some, await File.ReadAllBytesAsync(folder["out"], Ct));
        Assert.Equal("UnpackedTooLarge", (await Assert.ThrowsAsync<Fault>(() => tools.Unpack(path, format, folder["less"], Some.Length - 1, null, Ct))).Name);
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)], Ct);
        Assert.Equal(FaultKind.Invalid, (await Assert.ThrowsAsync<Fault>(() => tools.Unpack(path, format, folder["half"], Some.Length, null, Ct))).Kind);
    }

    [Fact]
    public async Task Zeros_become_holes()
    {
        await using (var gzip = new GZipStream(File.Create(folder["bomb"]), CompressionLevel.Fastest))
            for (var i = 0; i < 64; i++) await gzip.WriteAsync(new byte[1 << 20], Ct);
        await Tools().Unpack(folder["bomb"], "gzip", folder["out"], 1 << 30, null, Ct);
        Assert.Equal(64 << 20, new FileInfo(folder["out"]).Length);
        Assert.Equal("0", (await commands.Must("stat", ["-c", "%b", folder["out"]], Ct)).Trim());
    }

    /// <summary>Archives with every field changed in turn, cut at every place, and with bytes thrown about: refused or unpacked, never anything else.</summary>
    [Fact]
    public async Task Hostile_archives_are_refused()
    {
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry("disk").Open()) entry.Write(Some, 0, 300);
        var honest = memory.ToArray();
        var random = new Random(20260726);
        var corpus = Enumerable.Range(0, honest.Length).SelectMany(i => (byte[][])[honest[..i], Changed(honest, i, 0xff), Changed(honest, i, 0), Changed(honest, i, (byte)random.Next())])
            .Concat(Enumerable.Range(0, 300).Select(_ => Scattered(honest, random)));
        foreach (var bytes in corpus)
        {
            await using var archive = new MemoryStream(bytes);
            try
            {
                var entry = await ZipEntry.Only(archive, Ct);
                Assert.InRange(entry.At + entry.Packed, 0, bytes.Length);
            }
            catch (Fault e) { Assert.Equal(FaultKind.Invalid, e.Kind); }
        }
    }

    static byte[] Changed(byte[] bytes, int at, byte value)
    {
        var copy = (byte[])bytes.Clone();
        copy[at] = value;
        return copy;
    }

    static byte[] Scattered(byte[] bytes, Random random)
    {
        var copy = (byte[])bytes.Clone();
        for (var i = random.Next(1, 12); i > 0; i--) copy[random.Next(copy.Length)] = (byte)(random.Next(3) switch { 0 => 0, 1 => 0xff, _ => random.Next() });
        return copy;
    }
}
