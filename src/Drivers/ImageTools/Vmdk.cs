using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.ImageTools;

/// <summary>VMware's disks: only those whose one extent is the file itself.</summary>
static class Vmdk
{
    const int DescriptorMost = 64 << 10;
    const ulong AtEnd = ulong.MaxValue;

    public static async Task<ImageFacts> Inspect(Stream image, byte[] head, CancellationToken ct)
    {
        if (!head.AsSpan().StartsWith("KDMV"u8)) return new ImageFacts("vmdk", 0, "it is an extent of an ESX disk, whose descriptor is another file");
        if (head.Length < 512) return Inspection.Broken("vmdk");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
        var sectors = Inspection.LittleLong(head, 12);
        var at = Inspection.LittleLong(head, 28);
        var length = Inspection.LittleLong(head, 36);
        string? danger = null;
        if (version is not (1 or 2 or 3)) danger = $"its version {version} is unknown";
        // Without a size QEMU reads the descriptor as one that names other files.
        else if (sectors is < 1 or > 1L << 51) danger = "the size in its header is impossible";
        else if (at <= 0 || length is <= 0 or > DescriptorMost / 512) danger = "it has no descriptor of its own";
        else danger = Descriptor(Encoding.Latin1.GetString(await Inspection.Read(image, at * 512, (int)length * 512, ct)));
        // Streamed disks have their real grain directory in a footer.
        if (danger is null && (ulong)Inspection.LittleLong(head, 56) == AtEnd) danger = await Footer(image, head, ct);
        return Inspection.Sized("vmdk", danger is null ? sectors * 512 : 0, danger);
    }

    static string? Descriptor(string text)
    {
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        var lines = (end < 0 ? text : text[..end]).Split('\n').Select(l => l.Trim()).ToArray();
        if (!lines[0].StartsWith("# Disk DescriptorFile", StringComparison.Ordinal)) return "its descriptor is unreadable";
        var type = lines.FirstOrDefault(l => l.StartsWith("createType", StringComparison.OrdinalIgnoreCase))?.Split('=', 2) is [_, var value] ? value.Trim().Trim('"') : "";
        if (type is not ("monolithicSparse" or "streamOptimized")) return $"its type '{(type.Length > 40 ? type[..40] : type)}' keeps data in other files";
        if (lines.FirstOrDefault(l => l.StartsWith("parentCID", StringComparison.OrdinalIgnoreCase)) is { } parent && !parent.EndsWith("ffffffff", StringComparison.OrdinalIgnoreCase)) return "it is a difference to another image";
        if (lines.Any(l => l.StartsWith("parentFileNameHint", StringComparison.OrdinalIgnoreCase))) return "it is a difference to another image";
        var extents = lines.Where(l => l.StartsWith("RW ", StringComparison.Ordinal) || l.StartsWith("RDONLY ", StringComparison.Ordinal) || l.StartsWith("NOACCESS ", StringComparison.Ordinal)).ToArray();
        if (extents is not [var extent]) return "it has more than one extent, or none";
        // A sparse extent inside the file itself; the name is not followed, but a path in it is a trick.
        var fields = extent.Split(' ', 4);
        if (fields.Length < 4 || fields[2] != "SPARSE" || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)) return "its extent is in another file";
        var name = fields[3].Trim('"');
        return name.Contains('/', StringComparison.Ordinal) || name.Contains('"', StringComparison.Ordinal) ? "its extent is in another file" : null;
    }

    static async Task<string?> Footer(Stream image, byte[] head, CancellationToken ct)
    {
        var tail = await Inspection.Read(image, image.Length - 1024, 512, ct);
        if (tail.Length < 512 || !tail.AsSpan().StartsWith("KDMV"u8)) return "its footer is missing";
        // Everything but the grain directory's place must agree: the descriptor read must be the one that is used.
        return tail.AsSpan(4, 40).SequenceEqual(head.AsSpan(4, 40)) ? null : "its header and footer disagree";
    }
}
