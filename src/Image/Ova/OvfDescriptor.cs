using System.Globalization;
using System.Xml.Linq;

namespace Nephos.Image.Ova;

/// <summary>What a package's descriptor says of the one machine in it.</summary>
/// <param name="Disk">The file of its one disk.</param>
/// <param name="Hardware">Its devices, by the numbers others call them.</param>
/// <param name="MemoryMib">Null if nothing is said.</param>
/// <param name="OsType">VMware's word for what runs in it.</param>
/// <param name="OsDescription">The same for people.</param>
/// <param name="Options">Further settings, firmware among them.</param>
internal sealed record OvfDescriptor(
    OvfFile Disk, IReadOnlyList<OvfItem> Hardware, string DiskReference, long? MemoryMib, string? OsType, string? OsDescription, IReadOnlyDictionary<string, string> Options)
{
    private const int MemoryType = 4;

    public static OvfDescriptor Parse(byte[] bytes)
    {
        if (bytes.Length > OvfXml.Most) throw OvaErrors.Refused("its descriptor is too long");
        var envelope = OvfXml.Parse(bytes);
        if (envelope.Name.LocalName != "Envelope") throw OvaErrors.Refused("its descriptor is no OVF envelope");
        var machine = envelope.Below("VirtualSystem").ToList() switch
        {
            [var one] => one,
            var all => throw OvaErrors.Refused($"it holds {all.Count} machines, and an image is one"),
        };
        var (id, file) = TheDisk(envelope);
        var items = machine.All("VirtualHardwareSection").Take(1).SelectMany(h => h.Elements().Where(e => e.Name.LocalName is "Item" or "StorageItem" or "EthernetPortItem")).Select(OvfItem.Of).ToList();
        var system = machine.All("OperatingSystemSection").FirstOrDefault();
        var options = machine.Below("Config").Concat(machine.Below("ExtraConfig"))
            .Where(c => c.Named("key") is not null && c.Named("value") is not null).GroupBy(c => c.Named("key")!).ToDictionary(g => g.Key, g => g.First().Named("value")!);
        return new OvfDescriptor(file, items, id, Memory(items), system?.Named("osType"), system?.Child("Description"), options);
    }

    private static (string Id, OvfFile File) TheDisk(XElement envelope)
    {
        var disks = envelope.All("DiskSection").SelectMany(s => s.All("Disk")).Where(d => d.Named("fileRef") is not null).ToList();
        if (disks is not [var disk]) throw OvaErrors.Refused(disks.Count == 0 ? "it has no disk with data" : $"it has {disks.Count} disks, and an image is one; import each disk as an image of its own");
        if (disk.Named("parentRef") is not null) throw OvaErrors.Refused("its disk is a difference to another one");
        var file = envelope.All("References").SelectMany(r => r.All("File")).Where(f => f.Named("id") == disk.Named("fileRef")).ToList() is [var one]
            ? one : throw OvaErrors.Refused("its disk refers to no file of its references, or to several");
        if (file.Named("href") is not { Length: > 0 } name) throw OvaErrors.Refused("its disk's file has no name");
        if (file.Named("chunkSize") is not null) throw OvaErrors.Refused("its disk is cut into pieces, which is not supported");
        var compression = file.Named("compression") is { Length: > 0 } told ? told : "identity";
        if (compression is not ("identity" or "gzip")) throw OvaErrors.Refused($"its disk is compressed by {compression}, which is not supported");
        return (disk.Named("diskId") ?? "", new OvfFile(name, compression == "gzip"));
    }

    private static long? Memory(IEnumerable<OvfItem> items)
    {
        if (items.FirstOrDefault(i => i.Type == MemoryType) is not { Quantity: { } quantity } item) return null;
        var unit = (item.Unit ?? "MegaBytes").Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant() switch
        {
            "BYTE" or "BYTES" => 0,
            "BYTE*2^10" or "KILOBYTES" => 10,
            "BYTE*2^20" or "MEGABYTES" => 20,
            "BYTE*2^30" or "GIGABYTES" => 30,
            _ => throw OvaErrors.Refused("it counts memory in an unknown unit"),
        };
        // A million GiB is nobody's machine.
        return quantity is >= 0 and <= 1L << 50 && (Int128)quantity << unit is var bytes && bytes <= 1L << 50 ? (long)((bytes + (1 << 20) - 1) >> 20) : throw OvaErrors.Refused("it has an impossible amount of memory");
    }
}

/// <summary>A file that a descriptor refers to.</summary>
internal sealed record OvfFile(string Name, bool Gzip);

/// <summary>A device: what it is, and at which other one.</summary>
internal sealed record OvfItem(int Type, string? SubType, string? Id, string? Parent, string? Resource, long? Quantity, string? Unit)
{
    public static OvfItem Of(XElement item) => new(
        int.TryParse(item.Child("ResourceType"), NumberStyles.None, CultureInfo.InvariantCulture, out var type) ? type : 0, item.Child("ResourceSubType"), item.Child("InstanceID"), item.Child("Parent"),
        item.Child("HostResource"), long.TryParse(item.Child("VirtualQuantity"), NumberStyles.None, CultureInfo.InvariantCulture, out var quantity) ? quantity : null, item.Child("AllocationUnits"));
}
