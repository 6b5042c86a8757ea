using System.Buffers.Binary;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.ImageTools;

/// <summary>Hyper-V's newer disks: the region table leads to the metadata table, which holds the size and a possible parent.</summary>
static class Vhdx
{
    const int Most = 64 << 10;
    static readonly Guid Metadata = new("8B7CA206-4790-4B9A-B8FE-575F050F886E"), Blocks = new("2DC27766-F623-4200-9D64-115E9BFD4A08");
    static readonly Guid Size = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8"), Parent = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C"), FileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    static readonly HashSet<Guid> Known = [Size, FileParameters, new("BECA12AB-B2E6-4523-93EF-C309E000C746"), new("8141BF1D-A96F-4709-BA47-F233A8FAAB5F"), new("CDA348C7-445D-4471-9CC9-E9885251C556")];

    public static async Task<ImageFacts> Inspect(Stream image, CancellationToken ct)
    {
        // There are two region tables; the one in use is the first that is whole, so both are looked at.
        var first = await Table(image, 192 << 10, ct);
        var second = await Table(image, 256 << 10, ct);
        if (first is null && second is null) return Refused("its region table is unreadable");
        ImageFacts? facts = null;
        foreach (var table in (byte[]?[])[first, second])
        {
            if (table is null) continue;
            var found = await Regions(image, table, ct);
            if (found.Danger is not null) return found;
            if (facts is not null && facts != found) return Refused("its two region tables disagree");
            facts = found;
        }
        return facts!;
    }

    static async Task<byte[]?> Table(Stream image, long at, CancellationToken ct)
    {
        var table = await Inspection.Read(image, at, Most, ct);
        return table.AsSpan().StartsWith("regi"u8) && table.Length == Most ? table : null;
    }

    static async Task<ImageFacts> Regions(Stream image, byte[] table, CancellationToken ct)
    {
        var count = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(8));
        if (count > 2047) return Refused("its region table is impossible");
        long place = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = table.AsMemory(16 + i * 32, 32);
            var id = new Guid(entry.Span[..16]);
            if (id == Metadata) place = BinaryPrimitives.ReadInt64LittleEndian(entry.Span[16..]);
            else if (id != Blocks) return Refused("it has regions this cloud does not know");
        }
        return await Items(image, place, ct);
    }

    static async Task<ImageFacts> Items(Stream image, long place, CancellationToken ct)
    {
        var table = await Inspection.Read(image, place, Most, ct);
        if (!table.AsSpan().StartsWith("metadata"u8) || table.Length < Most) return Refused("its metadata is unreadable");
        var count = BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(10));
        if (count > 2047) return Refused("its metadata is impossible");
        long size = -1;
        for (var i = 0; i < count; i++)
        {
            var entry = table.AsMemory(32 + i * 32, 32);
            var id = new Guid(entry.Span[..16]);
            if (id == Parent) return Refused("it is a difference to another image");
            if (!Known.Contains(id)) return Refused("it has metadata this cloud does not know");
            if (id != Size && id != FileParameters) continue;
            var item = await Inspection.Read(image, place + BinaryPrimitives.ReadUInt32LittleEndian(entry.Span[16..]), 8, ct);
            if (item.Length < 8) return Refused("its metadata is cut short");
            if (id == Size) size = BinaryPrimitives.ReadInt64LittleEndian(item);
            else if ((BinaryPrimitives.ReadUInt32LittleEndian(item.AsSpan(4)) & 2) != 0) return Refused("it is a difference to another image");
        }
        return Inspection.Sized("vhdx", size, null);
    }

    static ImageFacts Refused(string why) => new("vhdx", 0, why);
}
