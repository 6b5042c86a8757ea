using System.IO.Compression;
using System.Text;

namespace Nephos.Image.Ova;

/// <summary>An OVA: an archive with a descriptor, perhaps a manifest, and the disk.</summary>
internal sealed class OvaPackage
{
    private readonly FileStream _file;
    private readonly Dictionary<string, TarEntry> _entries;

    private OvaPackage(FileStream file, IReadOnlyList<TarEntry> entries) => (_file, _entries) = (file, entries.ToDictionary(e => e.Name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Reads what is in it; nothing is believed yet.</summary>
    public static async Task<OvaPackage> Open(FileStream file, CancellationToken ct) => new(file, await TarIndex.Of(file, ct));

    /// <summary>The machine in it, when all files are those its manifest tells of.</summary>
    public async Task<OvfDescriptor> Read(CancellationToken ct)
    {
        var descriptor = OnlyOne(".ovf") ?? throw OvaErrors.Refused("it has no descriptor (a file ending in .ovf)");
        var machine = OvfDescriptor.Parse(await Small(descriptor, OvfXml.Most, ct));
        if (OnlyOne(".mf") is not { } list) return machine;
        if (Path.ChangeExtension(descriptor.Name, null) is var name && !name.Equals(Path.ChangeExtension(list.Name, null), StringComparison.OrdinalIgnoreCase)) throw OvaErrors.Refused($"its manifest is {list.Name}, and not {name}.mf");
        var manifest = OvfManifest.Parse(Encoding.UTF8.GetString(await Small(list, OvfManifest.Most, ct)));
        foreach (var told in manifest.Digests.Keys.Concat([descriptor.Name, machine.Disk.Name]).Distinct(StringComparer.OrdinalIgnoreCase)) await manifest.Verify(told, new PartsStream(_file, Find(told)), ct);
        return machine;
    }

    /// <summary>The bytes of its disk: the file itself, or what a flat disk's descriptor puts together from others.</summary>
    public async Task<(Stream Bytes, bool Flat)> Disk(OvfFile disk, CancellationToken ct)
    {
        var entry = Find(disk.Name);
        if (disk.Gzip) return (new GZipStream(new PartsStream(_file, entry), CompressionMode.Decompress), false);
        if (entry.Size > FlatVmdk.Most || await Small(entry, FlatVmdk.Most, ct) is var bytes && !FlatVmdk.Is(bytes)) return (new PartsStream(_file, entry), false);
        return (new PartsStream(_file, [.. FlatVmdk.Parse(bytes).Parts.Select(Place)]), true);
    }

    private (long?, long) Place((string? Name, long Offset, long Length) part)
    {
        if (part.Name is null) return (null, part.Length);
        var entry = Find(part.Name);
        return part.Offset <= entry.Size - part.Length ? (entry.Offset + part.Offset, part.Length) : throw OvaErrors.Refused($"{part.Name} is shorter than its disk's descriptor says");
    }

    private TarEntry Find(string name) => _entries.GetValueOrDefault(name) ?? throw OvaErrors.Refused($"it refers to {(name.Length > 80 ? name[..80] : name)}, which is not in it");

    private TarEntry? OnlyOne(string ending)
    {
        var found = _entries.Values.Where(e => e.Name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count < 2 ? found.FirstOrDefault() : throw OvaErrors.Refused($"it has {found.Count} files ending in {ending}");
    }

    private async Task<byte[]> Small(TarEntry entry, int most, CancellationToken ct)
    {
        if (entry.Size > most) throw OvaErrors.Refused($"{entry.Name} is longer than {most} bytes");
        var bytes = new byte[entry.Size];
        await new PartsStream(_file, entry).ReadExactlyAsync(bytes, ct);
        return bytes;
    }
}
