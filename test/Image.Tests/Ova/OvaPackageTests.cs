using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Nephos.Contracts;
using Nephos.Image.Ova;
using Xunit;

namespace Nephos.Image.Tests.Ova;

/// <summary>What is believed of a package, and what is not.</summary>
public sealed class OvaPackageTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private async Task<(OvfDescriptor Machine, byte[] Disk)> Open(byte[] package)
    {
        File.WriteAllBytes(_file, package);
        await using var file = new FileStream(_file, new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous });
        var opened = await OvaPackage.Open(file, Ct);
        var machine = await opened.Read(Ct);
        var (disk, _) = await opened.Disk(machine.Disk, Ct);
        var memory = new MemoryStream();
        await using (disk) await disk.CopyToAsync(memory, Ct);
        return (machine, memory.ToArray());
    }

    private async Task Refused(string why, byte[] package) => Assert.Contains(why, (await Assert.ThrowsAsync<Fault>(() => Open(package))).Message, StringComparison.Ordinal);

    private static string Xml(string from, string to)
    {
        Assert.Contains(from, Packages.Descriptor, StringComparison.Ordinal);
        return Packages.Descriptor.Replace(from, to, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SHA1", TarEntryFormat.Ustar)]
    [InlineData("SHA256", TarEntryFormat.Gnu)]
    [InlineData("SHA512", TarEntryFormat.Ustar)]
    public async Task An_honest_package_is_read(string algorithm, TarEntryFormat format)
    {
        var (machine, disk) = await Open(Packages.Tar(Packages.Files(algorithm: algorithm), format));
        Assert.Equal((1536L, "ubuntu64Guest", 5), (machine.MemoryMib, machine.OsType, machine.Hardware.Count));
        Assert.Equal(Packages.Vmdk(), disk);
    }

    [Fact]
    public async Task A_disk_may_be_compressed()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Packages.Vmdk());
        Assert.Equal(Packages.Vmdk(), (await Open(Packages.Tar(Packages.Files(Xml("ovf:size=\"12\"", "ovf:compression=\"gzip\""), packed.ToArray())))).Disk);
    }

    [Theory]
    [InlineData("../../etc/passwd", "not that of a plain file")]
    [InlineData("/etc/passwd", "not that of a plain file")]
    [InlineData("a\\b", "not that of a plain file")]
    [InlineData(".hidden", "not that of a plain file")]
    [InlineData("a\nb", "not that of a plain file")]
    [InlineData("VM.OVF", "two files named")]
    [InlineData("other.ovf", "2 files ending in .ovf")]
    [InlineData("other.mf", "2 files ending in .mf")]
    public async Task Names_of_files_are_plain_and_single(string name, string why) => await Refused(why, Packages.Tar([.. Packages.Files(), (name, [1])]));

    [Fact]
    public async Task Archives_hold_plain_files_alone()
    {
        foreach (var type in (TarEntryType[])[TarEntryType.SymbolicLink, TarEntryType.HardLink, TarEntryType.Directory, TarEntryType.CharacterDevice, TarEntryType.Fifo])
        {
            var memory = new MemoryStream();
            using (var tar = new TarWriter(memory, TarEntryFormat.Ustar, leaveOpen: true))
            {
                var entry = new UstarTarEntry(type, "x");
                if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink) entry.LinkName = "/etc/shadow";
                tar.WriteEntry(entry);
            }
            await Refused("a link, a folder or a device", memory.ToArray());
        }
        await Refused("extended headers", Packages.Tar(Packages.Files().Select(f => (f.Name == "vm.mf" ? new string('a', 300) : f.Name, f.Bytes)), TarEntryFormat.Pax));
        await Refused("a link, a folder or a device", Packages.Tar(Packages.Files().Select(f => (f.Name == "vm.mf" ? new string('a', 300) : f.Name, f.Bytes)), TarEntryFormat.Gnu));
        await Refused("more than 256 files", Packages.Tar(Enumerable.Range(0, 300).Select(i => ($"f{i}", Array.Empty<byte>()))));
        await Refused("more than 513 headers", [.. Enumerable.Repeat(Extended(), 600).SelectMany(h => h), .. Packages.Tar(Packages.Files())]);
        await Refused("no tar archive", new byte[2048]);
        var whole = Packages.Tar(Packages.Files());
        await Refused("cut short", whole[..(whole.Length / 2)]);
        whole[0] ^= 1;
        await Refused("damaged at byte 0", whole);
    }

    private static byte[] Extended()
    {
        var header = OvaFile.Header("x", 0);
        header[156] = (byte)'x';
        OvaFuzzTests.Seal(header);
        return header;
    }

    [Fact]
    public async Task A_manifest_must_tell_of_every_file_that_counts()
    {
        var files = Packages.Files();
        files[1] = ("vm.mf", Packages.Manifest(files.Where(f => f.Name == "vm.ovf")));
        await Refused("no digest of vm-disk1.vmdk", Packages.Tar(files));
        files[1] = ("vm.mf", [.. Packages.Manifest(files.Where(f => f.Name != "vm.mf")), .. Packages.Manifest([("gone", [])])]);
        await Refused("refers to gone", Packages.Tar(files));
        files[1] = ("vm.mf", "SHA256(vm.ovf)= 00"u8.ToArray());
        await Refused("is no SHA256", Packages.Tar(files));
        files[1] = ("vm.mf", "all is well"u8.ToArray());
        await Refused("is not NAME(FILE)= DIGEST", Packages.Tar(files));
        files[1] = ("another.mf", Packages.Manifest([]));
        await Refused("and not vm.mf", Packages.Tar(files));
    }

    [Theory]
    [InlineData("<Envelope ", "<!DOCTYPE Envelope SYSTEM \"http://169.254.169.254/x\"><Envelope ", "not the XML")]
    [InlineData("<Envelope ", "<!DOCTYPE e [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Envelope ", "not the XML")]
    [InlineData("Ubuntu Linux", "&xxe;", "not the XML")]
    [InlineData("</Envelope>", "", "not the XML")]
    [InlineData("<DiskSection>", "<DiskSection><Disk ovf:diskId=\"d2\" ovf:fileRef=\"file1\"/>", "it has 2 disks")]
    [InlineData(" ovf:fileRef=\"file1\"", "", "no disk with data")]
    [InlineData("ovf:fileRef=\"file1\"", "ovf:fileRef=\"file2\"", "refers to no file")]
    [InlineData("ovf:diskId=", "ovf:parentRef=\"d0\" ovf:diskId=", "a difference")]
    [InlineData("vm-disk1.vmdk", "../../../etc/shadow", "which is not in it")]
    [InlineData("vm-disk1.vmdk", "http://169.254.169.254/latest", "which is not in it")]
    [InlineData("ovf:size=\"12\"", "ovf:compression=\"rot13\"", "compressed by rot13")]
    [InlineData("ovf:size=\"12\"", "ovf:chunkSize=\"12\"", "cut into pieces")]
    [InlineData("</VirtualSystem>", "</VirtualSystem><VirtualSystem/>", "it holds 2 machines")]
    [InlineData("byte * 2^20", "furlongs", "unknown unit")]
    [InlineData(">1536<", ">999999999999999999<", "impossible amount")]
    public async Task A_descriptor_that_leads_elsewhere_or_says_nonsense_is_refused(string from, string to, string why)
    {
        var files = Packages.Files(Xml(from, to));
        files.RemoveAll(f => f.Name == "vm.mf");
        await Refused(why, Packages.Tar(files));
    }

    [Fact]
    public async Task A_descriptor_is_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 100)) + string.Concat(Enumerable.Repeat("</a>", 100));
        await Refused("nested too deeply", Packages.Tar([("vm.ovf", Encoding.UTF8.GetBytes(deep))]));
        await Refused("nested too deeply", Packages.Tar([("vm.ovf", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", 140_000)) + string.Concat(Enumerable.Repeat("</a>", 140_000))))]));
        await Refused("longer than", Packages.Tar([("vm.ovf", new byte[2 << 20])]));
        await Refused("no OVF envelope", Packages.Tar([("vm.ovf", "<a/>"u8.ToArray())]));
        await Refused("no descriptor", Packages.Tar([("vm.vmdk", [1])]));
    }

    [Theory]
    [InlineData("RW 9 FLAT \"vm.ovf\" 99999", "shorter than")]
    [InlineData("RW 1 FLAT \"/etc/shadow\" 0", "neither flat nor empty")]
    [InlineData("RW 1 SPARSE \"x.vmdk\"", "neither flat nor empty")]
    [InlineData("RW 1 FLAT \"x.vmdk\" 0", "which is not in it")]
    [InlineData("RW 9999999999999999 ZERO", "impossible size")]
    [InlineData("", "no extents")]
    [InlineData("parentFileNameHint=\"x\"\nRW 1 ZERO", "a difference")]
    public async Task A_flat_disk_leads_nowhere_else(string extent, string why)
    {
        var files = Packages.Files(disk: Encoding.ASCII.GetBytes($"# Disk DescriptorFile\nparentCID=ffffffff\ncreateType=\"vmfs\"\n{extent}\n"));
        await Refused(why, Packages.Tar(files));
    }

    [Fact]
    public async Task Hostile_bytes_are_refused_and_never_break_the_reader()
    {
        var random = new Random(20261121);
        byte[][] seeds = [Packages.Tar(Packages.Files()), Packages.Tar(Packages.Files().Where(f => f.Name != "vm.mf").Append(("x.mf", []))), Packages.Tar(Packages.Files(disk: "# Disk DescriptorFile\ncreateType=\"vmfs\"\nRW 1 ZERO\n"u8.ToArray()))];
        for (var round = 0; round < 600; round++)
        {
            var bytes = (byte[])seeds[round % seeds.Length].Clone();
            for (var flips = random.Next(1, 8); flips > 0; flips--) bytes[random.Next(random.Next(2) == 0 ? 1024 : Math.Min(bytes.Length, 8192))] = (byte)random.Next(256);
            Mend(bytes);
            try { await Open(random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes); }
            catch (Fault fault) { Assert.Equal(FaultKind.Invalid, fault.Kind); }
        }
    }

    /// <summary>Makes the first header's checksum right again, so that what lies behind it is reached.</summary>
    private static void Mend(byte[] archive)
    {
        var sum = 0;
        for (var i = 0; i < 512; i++) sum += i is >= 148 and < 156 ? ' ' : archive[i];
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(archive, 148);
    }
}
