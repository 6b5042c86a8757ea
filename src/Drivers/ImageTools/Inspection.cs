using System.Buffers.Binary;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.ImageTools;

/// <summary>
/// Says what an image is by its header, reading at most a few hundred KiB and never following what it says. What it does not
/// understand it calls dangerous: a wrong "no" costs a conversion by the user, a wrong "yes" opens the host's files to a guest.
/// </summary>
static class Inspection
{
    const int HeadSize = 4096;

    public static async Task<ImageFacts> Of(Stream image, CancellationToken ct)
    {
        var head = await Read(image, 0, HeadSize, ct);
        // A fixed VHD is raw data with a footer; a dynamic one has it at both ends.
        var footer = image.Length > 512 ? await Read(image, image.Length - 512, 512, ct) : [];
        var isVhd = footer.AsSpan().StartsWith("conectix"u8);
        var disks = Magic.Disks(head).Concat(isVhd ? ["vhd"] : []).Distinct().ToList();
        var isIso = Magic.IsIso(await Read(image, Magic.IsoAt, Magic.IsoLength, ct));
        if (disks.Count + (isIso ? 1 : 0) > 1 && disks.Count > 0) return new ImageFacts(disks[0], 0, $"it is {string.Join(" and ", isIso ? [.. disks, "iso"] : disks)} at once");
        return disks is [var disk] ? await Disk(disk, image, head, footer, ct) : new ImageFacts(isIso ? "iso" : Magic.Container(head) ?? "raw", image.Length, null);
    }

    static async Task<ImageFacts> Disk(string format, Stream image, byte[] head, byte[] footer, CancellationToken ct) => format switch
    {
        "qcow2" => Qcow2.Inspect(head),
        "qcow" => new ImageFacts("qcow", 0, "the format qcow (version 1) is not supported"),
        "qed" => Qed(head),
        "vmdk" => await Vmdk.Inspect(image, head, ct),
        "vmdk-text" => new ImageFacts("vmdk", 0, "it is a VMDK descriptor without data, which names other files"),
        "vdi" => Vdi(head),
        "vhdx" => await Vhdx.Inspect(image, ct),
        "vhd" => Vhd(head.AsSpan().StartsWith("conectix"u8) ? head : footer),
        "luks" => new ImageFacts("luks", image.Length, null),
        _ => Sized("ploop", LittleLong(head, 36) is >= 0 and < 1L << 50 and var sectors ? sectors * 512 : -1, null),
    };

    static ImageFacts Qed(byte[] h)
    {
        if (h.Length < 64) return Broken("qed");
        var features = LittleLong(h, 16);
        var danger = (features & 1) != 0 ? "it has a backing file" : (features & ~6L) != 0 ? "it has features this cloud does not know" : null;
        return Sized("qed", LittleLong(h, 48), danger);
    }

    static ImageFacts Vdi(byte[] h)
    {
        if (h.Length < 0x1c8) return Broken("vdi");
        // 1 is dynamic, 2 is static; others are differences to another file, which the last two ids name.
        var type = BinaryPrimitives.ReadUInt32LittleEndian(h.AsSpan(0x4c));
        var alone = type is 1 or 2 && h.AsSpan(0x1a8, 32).IndexOfAnyExcept((byte)0) < 0;
        return Sized("vdi", LittleLong(h, 0x170), alone ? null : "it is a difference to another image");
    }

    static ImageFacts Vhd(byte[] h)
    {
        if (h.Length < 512) return Broken("vhd");
        var type = BinaryPrimitives.ReadUInt32BigEndian(h.AsSpan(60));
        var danger = type switch { 2 or 3 => null, 4 => "it is a difference to another image", _ => "its disk type is unknown" };
        return Sized("vhd", BinaryPrimitives.ReadInt64BigEndian(h.AsSpan(48)), danger);
    }

    public static ImageFacts Sized(string format, long size, string? danger) =>
        size is < 0 or > 1L << 60 ? new ImageFacts(format, 0, danger ?? "the size in its header is impossible") : new ImageFacts(format, size, danger);

    public static ImageFacts Broken(string format) => new(format, 0, "its header is cut short");

    public static long LittleLong(byte[] bytes, int at) => at + 8 <= bytes.Length ? BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at)) : 0;

    /// <summary>At most <paramref name="count"/> bytes; fewer at the end, none outside.</summary>
    public static async Task<byte[]> Read(Stream image, long at, int count, CancellationToken ct)
    {
        if (at < 0 || at >= image.Length) return [];
        image.Seek(at, SeekOrigin.Begin);
        var bytes = new byte[count];
        var read = await image.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false, ct);
        return read == count ? bytes : bytes[..read];
    }
}
