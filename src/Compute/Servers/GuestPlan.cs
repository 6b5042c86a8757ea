using System.Globalization;
using Nephos.Compute.Metadata;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;

namespace Nephos.Compute.Servers;

/// <summary>Turns a server's row and its ports into what its node should make. Pure.</summary>
internal static class GuestPlan
{
    private const string KernelArguments = "root=/dev/vda console=tty0 console=ttyS0";

    public static ServerItem Of(ServerRow server, IReadOnlyList<PortFacts> ports)
    {
        var inOrder = Ordered(server, ports);
        var properties = server.Image?.Properties ?? [];
        var model = properties.GetValueOrDefault("hw_vif_model") is "e1000" or "e1000e" or "rtl8139" or "vmxnet3" or "pcnet" ? properties["hw_vif_model"] : "virtio";
        return new ServerItem
        {
            Guest = new GuestSpec
            {
                Id = server.Id, Name = server.InstanceName, Vcpus = server.Flavor.Vcpus, CpuLimits = Limits(server.Flavor.ExtraSpecs), MemoryMib = server.Flavor.MemoryMb, Machine = server.Machine,
                Disks = Disks(server, properties), Firmware = IsUefi(properties) ? "uefi" : "bios",
                ScsiModel = properties.GetValueOrDefault("hw_scsi_model") is "lsilogic" or "lsisas1068" or "vmpvscsi" ? properties["hw_scsi_model"] : "virtio-scsi",
                Nics = [.. inOrder.Select(p => new NicSpec(p.Id, DeviceNames.Tap(p.Id), p.Mac, p.Mtu, model))],
                KernelArguments = server.Image?.Kernel is null ? null : properties.GetValueOrDefault("os_command_line") ?? KernelArguments,
            },
            RootImage = server.ImageId, RootImageFormat = server.Image?.Format, RootImageHash = server.Image?.Hash,
            KernelImage = server.Image?.Kernel, RamdiskImage = server.Image?.Ramdisk,
            ConfigDrive = server.ConfigDrive ? GuestFiles.ConfigDrive(server, inOrder) : null,
            Ports = [.. inOrder.Select(p => p.Id)],
            Power = new PowerRequest(server.PowerNumber, server.PowerVerb),
        };
    }

    /// <summary>Whether an image wants UEFI firmware; all else boots by BIOS.</summary>
    public static bool IsUefi(IReadOnlyDictionary<string, string> properties) => properties.GetValueOrDefault("hw_firmware_type") == "uefi";

    /// <summary>Ports in the order of the server's cards; those that are new come last.</summary>
    public static IReadOnlyList<PortFacts> Ordered(ServerRow server, IReadOnlyList<PortFacts> ports)
    {
        var order = server.Networks.Select(n => n.Port).ToList();
        return [.. ports.OrderBy(p => order.IndexOf(p.Id) is var at && at < 0 ? int.MaxValue : at)];
    }

    /// <summary>The copy of Network's view that lists are made from.</summary>
    public static NicView View(PortFacts port) => new(port.Id, port.NetworkId, port.NetworkName, port.Mac,
        [.. port.Addresses.Select(a => new NicAddress(a.Address, a.Floating))], [.. port.Groups.Select(g => g.Name)], port.MadeForServer);

    private static CpuLimits? Limits(IReadOnlyDictionary<string, string> specs)
    {
        // A flavor from before 2.86 may hold anything; what is no number limits nothing.
        long? Number(string name) => specs.TryGetValue("quota:" + name, out var text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        var limits = new CpuLimits(Number("cpu_shares"), Number("cpu_quota"), Number("cpu_period"));
        return limits is (null, null, _) ? null : limits;
    }

    private static List<DiskSpec> Disks(ServerRow server, IReadOnlyDictionary<string, string> properties)
    {
        // The machine's own controller is SATA; guests with drivers for either of the two find their disk there.
        var bus = properties.GetValueOrDefault("hw_disk_bus") switch { "scsi" => "scsi", "ide" or "sata" => "ide", _ => "virtio" };
        var (flavor, size) = (server.Flavor, server.Image?.VirtualSize ?? 0);
        var disks = new List<DiskSpec> { new() { Name = "disk", SizeBytes = Math.Max(flavor.RootGb > 0 ? (long)flavor.RootGb << 30 : 0, size), Bus = bus } };
        if (flavor.EphemeralGb > 0) disks.Add(new() { Name = "disk.eph0", SizeBytes = (long)flavor.EphemeralGb << 30, Bus = bus });
        if (flavor.Swap > 0) disks.Add(new() { Name = "disk.swap", SizeBytes = (long)flavor.Swap << 20, Bus = bus });
        return disks;
    }
}
