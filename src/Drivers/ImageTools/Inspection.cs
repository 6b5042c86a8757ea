using System.Buffers.Binary;
using System.Text;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.ImageTools;

/// <summary>
/// Says what an image is by its header, reading at most a few hundred KiB and never following what it says. What it does not
/// understand it calls dangerous: a wrong "no" costs a conversion by the user, a wrong "yes" opens the host's files to a guest.
/// </summary>
static class Inspection
{
    public static async Task<ImageFacts> Of(Stream image, CancellationToken ct)
    {
        var head = await Read(image, 0, 4096, ct);
        return Magic(head) switch
        {
            "qcow2" => Qcow2.Inspect(head),
            "qcow" => new ImageFacts("qcow", 0, "the format qcow (version 1) is not supported"),
            "qed" => Qed(head),
            "vmdk" => await Vmdk.Inspect(image, head, ct),
            "vmdk-text" => new ImageFacts("vmdk", 0, "it is a VMDK descriptor without data, which names other files"),
            "vdi" => Vdi(head),
            "vhdx" => await Vhdx.Inspect(image, ct),
            "vhd" => Vhd(head),
            "luks" => new ImageFacts("luks", image.Length, null),
            "ploop" => new ImageFacts("ploop", LittleLong(head, 36) * 512, null),
            _ => await Rest(image, head, ct),
        };
    }

    static string Magic(byte[] head)
    {
        ReadOnlySpan<byte> h = head;
        if (h.StartsWith("QFI"u8) && h.Length >= 8 && h[3] == 0xfb) return BinaryPrimitives.ReadUInt32BigEndian(h[4..]) == 1 ? "qcow" : "qcow2";
        if (h.StartsWith("QED\0"u8)) return "qed";
        if (h.StartsWith("KDMV"u8) || h.StartsWith("COWD"u8)) return "vmdk";
        if (h.StartsWith("# Disk DescriptorFile"u8)) return "vmdk-text";
        if (h.StartsWith("vhdxfile"u8)) return "vhdx";
        if (h.StartsWith("conectix"u8)) return "vhd";
        if (h.StartsWith("LUKS"u8) && h.Length >= 6 && h[4] == 0xba && h[5] == 0xbe) return "luks";
        if (h.StartsWith("WithoutFreeSpace"u8) || h.StartsWith("WithouFreSpacExt"u8)) return "ploop";
        if (h.Length >= 0x44 && BinaryPrimitives.ReadUInt32LittleEndian(h[0x40..]) == 0xbeda107f) return "vdi";
        return "";
    }

    static async Task<ImageFacts> Rest(Stream image, byte[] head, CancellationToken ct)
    {
        // A fixed VHD is raw data with a footer.
        if (image.Length > 512)
        {
            var footer = await Read(image, image.Length - 512, 512, ct);
            if (footer.AsSpan().StartsWith("conectix"u8) && footer.Length == 512) return Vhd(footer) with { Format = "vhd" };
        }
        var volume = await Read(image, 0x8000, 8, ct);
        if (volume.Length == 8 && volume.AsSpan(1).StartsWith("CD001"u8)) return new ImageFacts("iso", image.Length, null);
        return new ImageFacts("raw", image.Length, null);
    }

    static ImageFacts Qed(byte[] h)
    {
        if (h.Length < 64) return Broken("qed");
        var features = LittleLong(h, 16);
        var danger = (features & 1) != 0 ? "it has a backing file" : (features & ~6L) != 0 ? "it has features this cloud does not know" : null;
        return Sized("qed", LittleLong(h, 48), danger);
    }

    static ImageFacts Vdi(byte[] h)
    {
        if (h.Length < 0x180) return Broken("vdi");
        // 1 is dynamic, 2 is static; others are differences to another file.
        var type = BinaryPrimitives.ReadUInt32LittleEndian(h.AsSpan(0x4c));
        return Sized("vdi", LittleLong(h, 0x170), type is 1 or 2 ? null : "it is a difference to another image");
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
