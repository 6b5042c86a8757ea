using System.Text;
using System.Xml;
using System.Xml.Linq;
using Nephos.Image.Images;

namespace Nephos.Image.Ova;

/// <summary>Writes the descriptor of an image as a machine of other products. What they have no word for stands in settings they leave alone, where an import finds it again.</summary>
internal static class OvfWriter
{
    /// <summary>What settings of ours begin with.</summary>
    public const string Own = "openstack.";

    private const int LeastMemory = 1024;
    private static readonly XNamespace Ovf = "http://schemas.dmtf.org/ovf/envelope/1", Vmw = "http://www.vmware.com/schema/ovf";
    private static readonly XNamespace Rasd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData", Vssd = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData";

    public static byte[] Write(StoredImage image, string disk, long diskLength, long virtualSize)
    {
        var name = image.Row.Name is { Length: > 0 } given ? Clean(given) : image.Id.ToString();
        var envelope = new XElement(Ovf + "Envelope",
            new XAttribute("xmlns", Ovf.NamespaceName), new XAttribute(XNamespace.Xmlns + "ovf", Ovf.NamespaceName), new XAttribute(XNamespace.Xmlns + "rasd", Rasd.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "vssd", Vssd.NamespaceName), new XAttribute(XNamespace.Xmlns + "vmw", Vmw.NamespaceName),
            new XElement(Ovf + "References", new XElement(Ovf + "File", Said("href", disk), Said("id", "file1"), Said("size", diskLength))),
            new XElement(Ovf + "DiskSection", Info("Disks"), new XElement(Ovf + "Disk", Said("capacity", virtualSize), Said("capacityAllocationUnits", "byte"), Said("diskId", "vmdisk1"), Said("fileRef", "file1"),
                Said("format", "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"))),
            new XElement(Ovf + "NetworkSection", Info("Networks"), new XElement(Ovf + "Network", Said("name", "VM Network"))),
            new XElement(Ovf + "VirtualSystem", Said("id", image.Id), Info("A machine"), new XElement(Ovf + "Name", name), OperatingSystem(image.Properties), Hardware(image)));
        using var memory = new MemoryStream();
        using (var writer = XmlWriter.Create(memory, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true })) envelope.WriteTo(writer);
        return memory.ToArray();
    }

    private static XElement OperatingSystem(IReadOnlyDictionary<string, string> properties)
    {
        var type = properties.GetValueOrDefault("vmware_ostype") ?? (properties.GetValueOrDefault("os_type") switch { "windows" => "windows9Server64Guest", "linux" => "otherLinux64Guest", _ => "otherGuest64" });
        return new XElement(Ovf + "OperatingSystemSection", Said("id", properties.GetValueOrDefault("os_type") == "linux" ? 101 : 1), new XAttribute(Vmw + "osType", Clean(type)), Info("The system in it"));
    }

    private static XElement Hardware(StoredImage image)
    {
        var (controller, model) = OvfHardware.Controller(image.Properties);
        return new XElement(Ovf + "VirtualHardwareSection", Info("Its devices"),
            new XElement(Ovf + "System", new XElement(Vssd + "ElementName", "Virtual Hardware Family"), new XElement(Vssd + "InstanceID", 0), new XElement(Vssd + "VirtualSystemType", "vmx-10")),
            Item(("ElementName", "1 processor"), ("InstanceID", 1), ("ResourceType", 3), ("VirtualQuantity", 1)),
            Item(("AllocationUnits", "byte * 2^20"), ("ElementName", "Memory"), ("InstanceID", 2), ("ResourceType", 4), ("VirtualQuantity", Math.Max(image.Row.MinRam, LeastMemory))),
            Item(("ElementName", "Controller"), ("InstanceID", 3), ("ResourceSubType", model), ("ResourceType", controller)),
            Item(("AddressOnParent", 0), ("ElementName", "Disk"), ("HostResource", "ovf:/disk/vmdisk1"), ("InstanceID", 4), ("Parent", 3), ("ResourceType", OvfHardware.Disk)),
            Item(("AddressOnParent", 7), ("AutomaticAllocation", "true"), ("Connection", "VM Network"), ("ElementName", "Network card"), ("InstanceID", 5), ("ResourceSubType", OvfHardware.Card(image.Properties)), ("ResourceType", OvfHardware.Nic)),
            Setting("Config", "firmware", image.Properties.GetValueOrDefault("hw_firmware_type") == "uefi" ? "efi" : "bios"),
            Setting("ExtraConfig", Own + "min_disk", image.Row.MinDisk), Setting("ExtraConfig", Own + "min_ram", image.Row.MinRam),
            image.Properties.Where(p => (p.Key + p.Value).All(XmlConvert.IsXmlChar)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => Setting("ExtraConfig", Own + p.Key, p.Value)));
    }

    private static XElement Item(params (string Name, object? Value)[] parts) => new(Ovf + "Item", parts.Where(p => p.Value is not null).Select(p => new XElement(Rasd + p.Name, p.Value)));

    private static XElement Setting(string kind, string key, object value) => new(Vmw + kind, new XAttribute(Ovf + "required", "false"), new XAttribute(Vmw + "key", key), new XAttribute(Vmw + "value", value));

    private static XAttribute Said(string name, object value) => new(Ovf + name, value);

    private static XElement Info(string text) => new(Ovf + "Info", text);

    private static string Clean(string text) => string.Concat(text.Where(XmlConvert.IsXmlChar));
}
