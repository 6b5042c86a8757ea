using System.Buffers.Binary;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.ImageTools;

/// <summary>The header of a qcow2 image, versions 2 and 3.</summary>
static class Qcow2
{
    const ulong Dirty = 1, Corrupt = 2, DataFile = 4, Compression = 8, ExtendedL2 = 16;
    const uint ExtensionEnd = 0, BackingFormat = 0xE2792ACA, DataFileName = 0x44415441;

    public static ImageFacts Inspect(byte[] head)
    {
        if (head.Length < 72) return Inspection.Broken("qcow2");
        return Inspection.Sized("qcow2", BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(24)), Danger(head));
    }

    static string? Danger(ReadOnlySpan<byte> head)
    {
        var version = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        if (version is not (2 or 3)) return $"its version {version} is unknown";
        if (BinaryPrimitives.ReadUInt64BigEndian(head[8..]) != 0) return "it has a backing file";
        if (BinaryPrimitives.ReadUInt32BigEndian(head[20..]) is < 9 or > 21) return "its cluster size is impossible";
        if (BinaryPrimitives.ReadUInt32BigEndian(head[32..]) is not 0 and var crypt) return crypt is 1 or 2 ? "it is encrypted" : "its encryption is unknown";
        var length = 72;
        if (version == 3)
        {
            if (head.Length < 104) return "its header is cut short";
            var features = BinaryPrimitives.ReadUInt64BigEndian(head[72..]);
            if ((features & DataFile) != 0) return "it has an external data file";
            if ((features & ~(Dirty | Compression | ExtendedL2)) != 0) return (features & Corrupt) != 0 ? "it is marked as corrupt" : "it has features this cloud does not know";
            length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(head[100..]), int.MaxValue);
            if (length < 104 || length % 8 != 0 || length > head.Length) return "its header's length is impossible";
        }
        return Extensions(head[length..]);
    }

    /// <summary>A name without its flag would be followed by nobody now, and perhaps by a later QEMU.</summary>
    static string? Extensions(ReadOnlySpan<byte> rest)
    {
        while (rest.Length >= 8)
        {
            var type = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (type == ExtensionEnd) return null;
            if (type == DataFileName) return "it has an external data file";
            if (type == BackingFormat) return "it has a backing file";
            var size = (BinaryPrimitives.ReadUInt32BigEndian(rest[4..]) + 7L) & ~7L;
            if (size > rest.Length - 8) return "its header extensions do not end";
            rest = rest[(8 + (int)size)..];
        }
        return null;
    }
}
