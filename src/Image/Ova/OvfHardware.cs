namespace Nephos.Image.Ova;

/// <summary>Devices of a package and properties of an image: the same things in two languages. Pure.</summary>
internal static class OvfHardware
{
    public const int Ide = 5, Scsi = 6, Nic = 10, Disk = 17, OtherStorage = 20;

    /// <summary>Controllers as packages name them, as <c>hw_scsi_model</c> does, and as <c>vmware_adaptertype</c> does.</summary>
    private static readonly (string Package, string Model, string Adapter)[] ScsiModels =
        [("lsilogic", "lsilogic", "lsiLogic"), ("lsilogicsas", "lsisas1068", "lsiLogicsas"), ("VirtualSCSI", "vmpvscsi", "paraVirtual"), ("buslogic", "buslogic", "busLogic")];

    private static readonly (string Package, string Model)[] NicModels =
        [("E1000", "e1000"), ("E1000e", "e1000e"), ("VmxNet3", "vmxnet3"), ("PCNet32", "pcnet"), ("virtio", "virtio")];

    private static readonly string[] Distributions = ["ubuntu", "debian", "centos", "rhel", "sles", "opensuse", "fedora", "freebsd"];

    /// <summary>What an image of the machine needs: so it finds the devices it has drivers for.</summary>
    public static IReadOnlyDictionary<string, string> Properties(OvfDescriptor machine)
    {
        var properties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        AddDisk(machine, properties);
        if (machine.Hardware.FirstOrDefault(i => i.Type == Nic)?.SubType is { } card && Array.Find(NicModels, m => Same(m.Package, card)).Model is { } model) properties["hw_vif_model"] = model;
        if (machine.Options.GetValueOrDefault("firmware") is { } firmware) properties["hw_firmware_type"] = Same(firmware, "efi") ? "uefi" : "bios";
        if (Same(machine.Options.GetValueOrDefault("bootOptions.efiSecureBootEnabled"), "true")) properties["os_secure_boot"] = "required";
        AddSystem(machine, properties);
        return properties;
    }

    /// <summary>How a package names the controller of an image's disk, or null: what an image has that wants none in particular.</summary>
    public static (int Type, string? SubType) Controller(IReadOnlyDictionary<string, string> properties) => properties.GetValueOrDefault("hw_disk_bus") switch
    {
        "ide" => (Ide, null),
        "sata" => (OtherStorage, "AHCI"),
        "scsi" => (Scsi, Array.Find(ScsiModels, m => m.Model == properties.GetValueOrDefault("hw_scsi_model")).Package ?? "lsilogic"),
        // Virtio's disks have no like there; Linux has drivers for this one.
        _ => (Scsi, "lsilogic"),
    };

    /// <summary>How a package names an image's network card.</summary>
    public static string Card(IReadOnlyDictionary<string, string> properties) => Array.Find(NicModels, m => m.Model == properties.GetValueOrDefault("hw_vif_model") && m.Model != "virtio").Package ?? "VmxNet3";

    private static void AddDisk(OvfDescriptor machine, SortedDictionary<string, string> properties)
    {
        var disk = machine.Hardware.FirstOrDefault(i => i.Type == Disk && i.Resource is { } r && r.EndsWith("/disk/" + machine.DiskReference, StringComparison.Ordinal)) ?? machine.Hardware.FirstOrDefault(i => i.Type == Disk);
        if (disk?.Parent is null || machine.Hardware.FirstOrDefault(i => i.Id == disk.Parent) is not { } controller) return;
        switch (controller.Type)
        {
            case Ide:
                properties["hw_disk_bus"] = "ide";
                properties["vmware_adaptertype"] = "ide";
                break;
            case Scsi:
                properties["hw_disk_bus"] = "scsi";
                if (Array.Find(ScsiModels, m => Same(m.Package, controller.SubType)) is { Model: { } model, Adapter: var adapter })
                {
                    properties["hw_scsi_model"] = model;
                    properties["vmware_adaptertype"] = adapter;
                }
                break;
            case OtherStorage when Same(controller.SubType, "AHCI") || Same(controller.SubType, "vmware.sata.ahci"):
                properties["hw_disk_bus"] = "sata";
                break;
        }
    }

    private static void AddSystem(OvfDescriptor machine, SortedDictionary<string, string> properties)
    {
        if (machine.OsType is { Length: > 0 and <= 64 } type && type.All(char.IsAsciiLetterOrDigit)) properties["vmware_ostype"] = type;
        var words = $"{machine.OsType} {machine.OsDescription}";
        if (words.Contains("windows", StringComparison.OrdinalIgnoreCase)) properties["os_type"] = "windows";
        else if (Array.Find(Distributions, d => words.Contains(d, StringComparison.OrdinalIgnoreCase)) is { } distribution)
        {
            properties["os_distro"] = distribution;
            if (distribution != "freebsd") properties["os_type"] = "linux";
        }
        else if (words.Contains("linux", StringComparison.OrdinalIgnoreCase)) properties["os_type"] = "linux";
    }

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
