using Nephos.Contracts.Drivers;
using Nephos.Drivers.Qemu;
using Xunit;

namespace Nephos.Drivers.Tests.Qemu;

public sealed class CommandLineTests
{
    static readonly Guid Id = new("11111111-2222-4333-8444-555555555555"), Port = new("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    static readonly GuestPaths Paths = new($"/var/lib/nephos/guests/{Id}", $"/run/nephos/0a1b2c3d/{Id}");

    static GuestSpec Small => new()
    {
        Id = Id, Name = "instance-0000002a", Vcpus = 1, MemoryMib = 128,
        Disks = [new DiskSpec { Name = "disk", SizeBytes = 1 << 30, BasePath = "/var/lib/nephos/bases/abc" }],
        Nics = [new NicSpec(Port, DeviceNames.Tap(Port), "fa:16:3e:00:00:01", 1450)],
    };

    static GuestSpec Large => Small with
    {
        Name = "a,b",
        Vcpus = 4,
        MemoryMib = 4096,
        ConfigDrivePath = "/somewhere/config.iso",
        KernelPath = "/k",
        RamdiskPath = "/r",
        KernelArguments = "root=/dev/vda console=ttyS0",
        Disks =
        [
            Small.Disks[0] with { BasePath = null, Serial = "s,1" }, new DiskSpec { Name = "disk.eph0", SizeBytes = 1 << 30, Bus = "scsi" },
            new DiskSpec { Name = "disk.swap", SizeBytes = 1 << 20, Bus = "ide" },
        ],
        Nics = [Small.Nics[0], new NicSpec(Id, "tap1", "fa:16:3e:00:00:02", 9000, "e1000")],
    };

    static string Line(GuestSpec spec, string accelerator, bool restore)
    {
        var slots = Slots.Assign(spec, new Dictionary<string, int>());
        var record = new GuestRecord { Spec = spec, Machine = "pc-q35-7.2", FirmwareCode = "/code.fd", Slots = slots, Ports = Slots.Count(slots) };
        var line = CommandLine.Build(record, Paths, accelerator, restore);
        // An option and its value on one line.
        return string.Concat(line.Select((word, i) => (word.StartsWith('-') ? i == 0 ? "" : "\n" : " ") + word)) + "\n";
    }

    [Fact]
    public void The_line_of_a_small_guest_is_golden() => Golden.Check("qemu-small.txt", Line(Small, "tcg", restore: false));

    [Fact]
    public void The_line_of_a_large_guest_is_golden() => Golden.Check("qemu-large.txt", Line(Large, "kvm", restore: false));

    [Fact]
    public void A_guest_with_uefi_has_its_code_read_only_and_variables_of_its_own()
    {
        var (bios, uefi) = (Line(Small, "tcg", restore: false).Split('\n'), Line(Small with { Firmware = "uefi" }, "tcg", restore: false).Split('\n'));
        Assert.Equal(
        [
            "-machine pc-q35-7.2,usb=off,dump-guest-core=off,pflash0=firmware,pflash1=variables",
            """-blockdev {"driver":"raw","node-name":"firmware","read-only":true,"file":{"driver":"file","filename":"/code.fd","read-only":true}}""",
            $$$"""-blockdev {"driver":"raw","node-name":"variables","read-only":false,"file":{"driver":"file","filename":"/var/lib/nephos/guests/{{{Id}}}/nvram","discard":"unmap"}}""",
        ], uefi.Except(bios));
        Assert.Equal(["-machine pc-q35-7.2,usb=off,dump-guest-core=off"], bios.Except(uefi));
    }

    [Fact]
    public void The_line_of_a_restored_guest_differs_only_by_waiting() => Assert.Equal(Line(Small, "tcg", restore: false).TrimEnd() + "\n-incoming defer\n", Line(Small, "tcg", restore: true));

    [Theory]
    [InlineData("virtio-scsi", "virtio-scsi-pci")]
    [InlineData("lsilogic", "lsi53c895a")]
    [InlineData("lsisas1068", "mptsas1068")]
    [InlineData("vmpvscsi", "pvscsi")]
    public void A_guest_of_another_product_finds_the_controller_it_knows(string model, string device)
    {
        var guest = Small with { ScsiModel = model, Disks = [Small.Disks[0] with { Bus = "scsi" }], Nics = [Small.Nics[0] with { Model = "vmxnet3" }] };
        var line = Line(guest, "tcg", restore: false);
        Assert.Contains($"-device {device},id=scsi,bus=rp0\n", line, StringComparison.Ordinal);
        Assert.Contains("\"driver\":\"vmxnet3\"", line, StringComparison.Ordinal);
        Assert.DoesNotContain("host_mtu", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_keeps_its_port_when_others_go_and_come()
    {
        var first = Slots.Assign(Large, new Dictionary<string, int>());
        var without = Slots.Assign(Large with { Nics = [Large.Nics[1]] }, first);
        Assert.Equal(first[Slots.Nic(Id)], without[Slots.Nic(Id)]);
        var back = Slots.Assign(Large with { Nics = [Large.Nics[1], new NicSpec(Port, "tap2", "fa:16:3e:00:00:03", 1450)] }, without);
        Assert.Equal(first[Slots.Nic(Port)], back[Slots.Nic(Port)]);
        Assert.Equal(back.Count, back.Values.Distinct().Count());
    }

    [Fact]
    public void Every_guest_has_spare_ports_and_none_has_too_many()
    {
        foreach (var cards in (int[])[0, 1, 5, 20, 28])
        {
            var slots = Slots.Assign(Small with { Nics = [.. Enumerable.Range(0, cards).Select(_ => new NicSpec(Contracts.NewId.Uuid(), "t", "fa:16:3e:00:00:01", 1450))] }, new Dictionary<string, int>());
            Assert.True(Slots.Count(slots) > slots.Values.Max() && Slots.Count(slots) <= Slots.Max);
        }
    }

    [Fact]
    public void A_socket_path_fits_into_its_107_bytes() => Assert.True(Paths.Serial.Length <= 107);

    [Theory]
    [InlineData("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\n", 7_002_022)]
    [InlineData("QEMU emulator version 10.0.3\n", 10_000_003)]
    [InlineData("nonsense", 0)]
    public void Versions_become_one_number(string text, long number) => Assert.Equal(number, Host.Number(text));
}
