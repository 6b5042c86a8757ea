using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Nephos.Drivers.ImageTools;

/// <summary>Bytes by which formats are known. Each one that fits is told: a file that is two things at once is nobody's honest image.</summary>
static class Magic
{
    public const int IsoAt = 0x8000, IsoLength = 6;

    static readonly (string Format, byte[] Bytes)[] DiskMagic =
    [
        ("qed", [.. "QED\0"u8]), ("vmdk", [.. "KDMV"u8]), ("vmdk", [.. "COWD"u8]), ("vmdk-text", [.. "# Disk DescriptorFile"u8]), ("vhdx", [.. "vhdxfile"u8]),
        ("vhd", [.. "conectix"u8]), ("luks", [.. "LUKS"u8, 0xba, 0xbe]), ("ploop", [.. "WithoutFreeSpace"u8]), ("ploop", [.. "WithouFreSpacExt"u8]),
    ];

    static readonly (string Format, byte[] Bytes)[] ContainerMagic =
    [
        ("gzip", [0x1f, 0x8b, 0x08]), ("bzip2", [.. "BZh"u8]), ("xz", [0xfd, .. "7zXZ"u8, 0x00]), ("zip", [.. "PK"u8, 3, 4]), ("zstd", [0x28, 0xb5, 0x2f, 0xfd]), ("lz4", [0x04, 0x22, 0x4d, 0x18]),
    ];

    /// <summary>Formats of disks whose headers these first bytes could be.</summary>
    public static IEnumerable<string> Disks(byte[] head)
    {
        if (head.Length >= 8 && head.AsSpan().StartsWith("QFI"u8) && head[3] == 0xfb) yield return BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4)) == 1 ? "qcow" : "qcow2";
        foreach (var (format, bytes) in DiskMagic) if (head.AsSpan().StartsWith(bytes)) yield return format;
        if (head.Length >= 0x44 && BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(0x40)) == 0xbeda107f) yield return "vdi";
    }

    /// <summary>True for the volume descriptor of an ISO 9660 file system, at <see cref="IsoAt"/>.</summary>
    public static bool IsIso(byte[] volume) => volume.Length == IsoLength && volume.AsSpan(1).StartsWith("CD001"u8);

    /// <summary>What holds something else: an archive, or compressed data; null if it is none.</summary>
    public static string? Container(byte[] head)
    {
        foreach (var (format, bytes) in ContainerMagic) if (head.AsSpan().StartsWith(bytes)) return format;
        return IsTar(head) ? "tar" : IsLzma(head) ? "lzma" : null;
    }

    // It has no magic: the usual properties, a size of the dictionary that encoders choose (a power of two, or one and a half), and a length that can be.
    static bool IsLzma(byte[] head)
    {
        if (head.Length < 14 || head[0] != 0x5d || head[13] != 0) return false;
        var dictionary = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(1));
        var length = BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(5));
        return dictionary >= 4096 && BitOperations.PopCount(dictionary) <= 2 && BitOperations.TrailingZeroCount(dictionary) >= 30 - BitOperations.LeadingZeroCount(dictionary)
            && length is ulong.MaxValue or < 1UL << 40;
    }

    // Five letters alone could be anywhere: the header's checksum must be right too.
    static bool IsTar(byte[] head)
    {
        if (head.Length < 512 || !head.AsSpan(257).StartsWith("ustar"u8)) return false;
        var sum = 0;
        for (var i = 0; i < 512; i++) sum += i is >= 148 and < 156 ? ' ' : head[i];
        return int.TryParse(Encoding.ASCII.GetString(head, 148, 6).Trim('\0', ' '), NumberStyles.None, CultureInfo.InvariantCulture, out var octal) && Octal(octal) == sum;
    }

    static int Octal(int digits) => digits == 0 ? 0 : Octal(digits / 10) * 8 + digits % 10;
}
