using System.Formats.Tar;
using System.Text;
using Nephos.Contracts;
using Nephos.Image.Ova;
using Xunit;

namespace Nephos.Image.Tests.Ova;

/// <summary>What strangers send as packages: mutations of honest ones, the same in every run. Each is read or refused with the reason, and nothing fails otherwise.</summary>
public sealed class OvaFuzzTests : IDisposable
{
    private const int Block = 512;
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static readonly string[] Odd = ["", "\0", "\"", "<", ">", "&", "&#x0;", "&lt;", "]]>", "<!--", "<![CDATA[", "-1", "0", "9999999999999999999", "%s", "../", "/", "é", "\u202e", "0x7f", " ", "\n", "xmlns=\"\"", "xmlns:ovf=\"b\"", "<xml:a/>", "</ovf:x>"];
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    /// <summary>Makes the sum of a header right again.</summary>
    internal static void Seal(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var b in header) sum += b;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }

    private static List<byte[]> Seeds()
    {
        var flat = Packages.Files(disk: "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 8 FLAT \"flat.vmdk\" 0\nRW 4 ZERO\n"u8.ToArray());
        flat.Add(("flat.vmdk", new byte[4096]));
        flat.RemoveAll(f => f.Name == "vm.mf");
        return
        [
            Packages.Tar(Packages.Files()), Packages.Tar(Packages.Files(algorithm: "SHA1"), TarEntryFormat.Gnu), Packages.Tar(Packages.Files(), TarEntryFormat.Pax), Packages.Tar(flat),
            Packages.Tar(Packages.Files(Packages.Descriptor.Replace("ovf:size=\"12\"", "ovf:compression=\"gzip\"", StringComparison.Ordinal))),
        ];
    }

    private async Task<bool> IsRead(byte[] package)
    {
        await File.WriteAllBytesAsync(_file, package, Ct);
        await using var file = new FileStream(_file, new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous });
        try
        {
            var opened = await OvaPackage.Open(file, Ct);
            var machine = await opened.Read(Ct);
            OvfHardware.Properties(machine);
            var (disk, _) = await opened.Disk(machine.Disk, Ct);
            await using (disk) await disk.ReadAtLeastAsync(new byte[1 << 16], 1 << 16, throwOnEndOfStream: false, Ct);
            return true;
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Invalid && fault.Name == "InvalidPackage") { return false; }
        // Of compressed data; an import refuses it so.
        catch (InvalidDataException) { return false; }
    }

    [Fact]
    public async Task No_mutation_of_an_archive_breaks_its_reader()
    {
        var (random, read) = (new Random(20261121), 0);
        foreach (var seed in Seeds())
        {
            var headers = Enumerable.Range(0, seed.Length / Block).Select(i => i * Block).Where(at => seed.AsSpan(at + 257).StartsWith("ustar"u8)).ToArray();
            for (var round = 0; round < 250; round++)
            {
                var bytes = (byte[])seed.Clone();
                for (var flips = random.Next(1, 6); flips > 0; flips--)
                {
                    var header = headers[random.Next(headers.Length)];
                    var at = random.Next(3) == 0 ? random.Next(bytes.Length) : header + random.Next(Block);
                    bytes[at] = random.Next(4) switch { 0 => 0xff, 1 => 0, 2 => (byte)('0' + random.Next(10)), _ => (byte)random.Next(256) };
                }
                // A wrong sum would hide all else.
                if (random.Next(4) > 0) foreach (var header in headers) Seal(bytes.AsSpan(header, Block));
                if (await IsRead(random.Next(6) == 0 ? bytes[..random.Next(bytes.Length)] : bytes)) read++;
            }
        }
        Assert.True(read > 0, "all were refused: the mutations reach nothing");
    }

    [Fact]
    public async Task No_mutation_of_a_text_in_a_package_breaks_its_reader()
    {
        var (random, read) = (new Random(20261122), 0);
        var flat = "# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 8 FLAT \"vm.ovf\" 0\nRW 4 ZERO\n";
        for (var round = 0; round < 1200; round++)
        {
            var files = Packages.Files(round % 3 == 0 ? Mutated(random, Packages.Descriptor) : null, round % 3 == 1 ? Encoding.UTF8.GetBytes(Mutated(random, flat)) : null);
            var manifest = Encoding.UTF8.GetString(files[1].Bytes);
            if (round % 3 == 2) files[1] = ("vm.mf", Encoding.UTF8.GetBytes(Mutated(random, manifest)));
            if (await IsRead(Packages.Tar(files))) read++;
        }
        Assert.InRange(read, 1, 1199);
    }

    /// <summary>A few pieces removed, doubled, moved or replaced.</summary>
    private static string Mutated(Random random, string text)
    {
        var changed = new StringBuilder(text);
        for (var n = random.Next(1, 5); n > 0 && changed.Length > 0; n--)
        {
            var at = random.Next(changed.Length);
            var piece = changed.ToString(at, random.Next(Math.Min(40, changed.Length - at)) + 1);
            switch (random.Next(4))
            {
                case 0: changed.Remove(at, piece.Length); break;
                case 1: changed.Insert(random.Next(changed.Length), piece); break;
                case 2: changed.Insert(at, Odd[random.Next(Odd.Length)]); break;
                default: changed.Remove(at, piece.Length).Insert(at, Odd[random.Next(Odd.Length)]); break;
            }
        }
        return changed.ToString();
    }
}
