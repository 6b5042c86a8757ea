using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Qemu;

/// <summary>The emulator's arguments for a guest: a pure function with golden files. Order, ids and addresses never change under a saved guest.</summary>
static class CommandLine
{
    /// <summary>Models of SCSI controllers, and what the emulator calls them.</summary>
    public static readonly IReadOnlyDictionary<string, string> ScsiControllers = new Dictionary<string, string>
    {
        ["virtio-scsi"] = "virtio-scsi-pci", ["lsilogic"] = "lsi53c895a", ["lsisas1068"] = "mptsas1068", ["vmpvscsi"] = "pvscsi",
    };

    /// <param name="accelerator"><c>kvm</c> or <c>tcg</c>.</param>
    /// <param name="restore">True: wait for saved memory instead of booting.</param>
    public static IReadOnlyList<string> Build(GuestRecord guest, GuestPaths paths, string accelerator, bool restore)
    {
        var spec = guest.Spec;
        List<string> line =
        [
            "-name", $"guest={Escape(spec.Name)},debug-threads=on",
            "-uuid", spec.Id.ToString(),
            .. Machine(guest, paths),
            // Without a small translation buffer a guest of 128 MiB takes 430 MiB of the host.
            "-accel", accelerator == "kvm" ? "kvm" : "tcg,thread=multi,tb-size=32",
            "-cpu", accelerator == "kvm" ? "host" : "max",
            "-smp", string.Create(CultureInfo.InvariantCulture, $"{spec.Vcpus},sockets={spec.Vcpus},cores=1,threads=1"),
            "-m", string.Create(CultureInfo.InvariantCulture, $"size={spec.MemoryMib}M"),
            "-nodefaults", "-no-user-config", "-display", "none",
            // The guest starts when we say so, and its power-off leaves a process that can be asked why.
            "-S", "-no-shutdown",
            "-boot", "menu=off,strict=on",
            "-rtc", "base=utc",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-pidfile", paths.PidFile,
            "-msg", "timestamp=on",
            // cloud-init knows OpenStack by the product's name.
            "-smbios", $"type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,version=Nephos,serial={spec.Id},uuid={spec.Id},family=Virtual Machine",
            "-chardev", $"socket,id=qmp,path={Escape(paths.Qmp)},server=on,wait=off",
            "-mon", "chardev=qmp,mode=control",
            "-chardev", $"socket,id=serial0,path={Escape(paths.Serial)},server=on,wait=off,logfile={Escape(paths.Console)},logappend=on",
            "-device", "isa-serial,chardev=serial0,id=serial0",
            "-device", "VGA,id=video0,vgamem_mb=16,bus=pcie.0,addr=0x1",
            "-object", "rng-random,id=rng0,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=rng0,id=rng0dev,bus=pcie.0,addr=0x2",
        ];
        for (var slot = 0; slot < guest.Ports; slot++) line.AddRange(RootPort(slot));
        if (guest.Slots.TryGetValue("scsi", out var scsi)) line.AddRange(["-device", $"{ScsiControllers[spec.ScsiModel]},id=scsi,bus={Port(scsi)}"]);
        for (var i = 0; i < spec.Disks.Count; i++) line.AddRange(Disk(spec.Disks[i], i, guest, paths));
        if (spec.ConfigDrivePath is not null)
            line.AddRange(
            [
                "-blockdev", Json(new JsonObject { ["driver"] = "raw", ["node-name"] = "config", ["read-only"] = true, ["file"] = FileNode(paths.ConfigDrive, readOnly: true) }),
                // The stock cloud kernels have no driver for q35's own CD-ROM controller.
                "-device", $"virtio-blk-pci,id=config,drive=config,bus={Port(guest.Slots[Slots.ConfigDrive])}",
            ]);
        foreach (var nic in spec.Nics)
            line.AddRange(["-netdev", $"tap,id=net-{nic.Port},ifname={nic.Tap},script=no,downscript=no", "-device", Json(NicDevice(nic, guest.Slots[Slots.Nic(nic.Port)]))]);
        if (spec.KernelPath is not null) line.AddRange(["-kernel", spec.KernelPath]);
        if (spec.RamdiskPath is not null) line.AddRange(["-initrd", spec.RamdiskPath]);
        if (spec.KernelPath is not null && spec.KernelArguments is { Length: > 0 } arguments) line.AddRange(["-append", arguments]);
        if (restore) line.AddRange(["-incoming", "defer"]);
        return line;
    }

    /// <summary>A card, for the command line and for <c>device_add</c>.</summary>
    public static JsonObject NicDevice(NicSpec nic, int slot)
    {
        var device = new JsonObject
        {
            ["driver"] = nic.Model switch { "virtio" => "virtio-net-pci", var model => model },
            ["id"] = Slots.Nic(nic.Port),
            ["netdev"] = $"net-{nic.Port}",
            ["mac"] = nic.Mac,
            ["bus"] = Port(slot),
            // No network boot: its ROM only takes time.
            ["romfile"] = "",
        };
        if (nic.Model == "virtio") device["host_mtu"] = nic.Mtu;
        return device;
    }

    static IEnumerable<string> Machine(GuestRecord guest, GuestPaths paths)
    {
        var isUefi = guest.Spec.Firmware == "uefi";
        yield return "-machine";
        yield return $"{guest.Machine},usb=off,dump-guest-core=off{(isUefi ? ",pflash0=firmware,pflash1=variables" : "")}";
        if (!isUefi) yield break;
        foreach (var (name, path, readOnly) in ((string, string, bool)[])[("firmware", guest.FirmwareCode!, true), ("variables", paths.Variables, false)])
        {
            yield return "-blockdev";
            yield return Json(new JsonObject { ["driver"] = "raw", ["node-name"] = name, ["read-only"] = readOnly, ["file"] = FileNode(path, readOnly) });
        }
    }

    static IEnumerable<string> RootPort(int slot)
    {
        var (device, function) = (3 + slot / 8, slot % 8);
        yield return "-device";
        yield return string.Create(CultureInfo.InvariantCulture, $"pcie-root-port,id={Port(slot)},bus=pcie.0,chassis={slot + 1},addr=0x{device:x}.0x{function:x}{(function == 0 ? ",multifunction=on" : "")}");
    }

    static IEnumerable<string> Disk(DiskSpec disk, int index, GuestRecord guest, GuestPaths paths)
    {
        var node = string.Create(CultureInfo.InvariantCulture, $"d{index}");
        yield return "-blockdev";
        yield return Json(DiskNode(disk, node, paths));
        var device = disk.Bus switch
        {
            "scsi" => $"scsi-hd,id={Slots.Disk(disk)},drive={node},bus=scsi.0",
            "ide" => string.Create(CultureInfo.InvariantCulture, $"ide-hd,id={Slots.Disk(disk)},drive={node},bus=ide.{index}"),
            _ => $"virtio-blk-pci,id={Slots.Disk(disk)},drive={node},bus={Port(guest.Slots[Slots.Disk(disk)])}",
        };
        if (disk.Serial is { } serial) device += $",serial={Escape(serial)}";
        yield return "-device";
        yield return string.Create(CultureInfo.InvariantCulture, $"{device},bootindex={index + 1}");
    }

    /// <summary>Every format is named: nothing is ever probed, since the first bytes of a raw disk belong to its guest.</summary>
    static JsonObject DiskNode(DiskSpec disk, string node, GuestPaths paths)
    {
        var overlay = new JsonObject
        {
            ["driver"] = "qcow2",
            ["node-name"] = node,
            ["discard"] = "unmap",
            ["file"] = FileNode(paths.Disk(disk.Name), readOnly: false),
        };
        overlay["backing"] = disk.BasePath is null ? null : new JsonObject { ["driver"] = "raw", ["read-only"] = true, ["file"] = FileNode(disk.BasePath, readOnly: true) };
        return overlay;
    }

    static JsonObject FileNode(string path, bool readOnly)
    {
        var node = new JsonObject { ["driver"] = "file", ["filename"] = path };
        if (readOnly) node["read-only"] = true;
        else node["discard"] = "unmap";
        return node;
    }

    static string Port(int slot) => string.Create(CultureInfo.InvariantCulture, $"rp{slot}");

    /// <summary>In QEMU's option lists a comma is written twice.</summary>
    static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static string Json(JsonObject value) => value.ToJsonString(Plain);
}
