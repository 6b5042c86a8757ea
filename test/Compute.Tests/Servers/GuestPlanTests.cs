using Nephos.Compute.Servers;
using Nephos.Contracts;
using Xunit;

namespace Nephos.Compute.Tests.Servers;

/// <summary>Properties of an image become the guest's devices; what no driver knows becomes the usual one.</summary>
public sealed class GuestPlanTests
{
    private static readonly PortFacts Port = new() { Id = NewId.Uuid(), ProjectId = "p", Status = "DOWN", Addresses = [], NetworkId = NewId.Uuid(), NetworkName = "n", Mac = "fa:16:3e:00:00:01", Mtu = 1450 };

    [Theory]
    [InlineData(null, null, null, "virtio", "virtio-scsi", "virtio")]
    [InlineData("scsi", "lsilogic", "vmxnet3", "scsi", "lsilogic", "vmxnet3")]
    [InlineData("scsi", "vmpvscsi", "e1000e", "scsi", "vmpvscsi", "e1000e")]
    [InlineData("scsi", "buslogic", "pcnet", "scsi", "virtio-scsi", "pcnet")]
    [InlineData("sata", null, "e1000", "ide", "virtio-scsi", "e1000")]
    [InlineData("ide", null, "rtl8139", "ide", "virtio-scsi", "rtl8139")]
    [InlineData("floppy", "x", "ne2k", "virtio", "virtio-scsi", "virtio")]
    public void A_guest_finds_the_devices_it_knows(string? bus, string? scsi, string? card, string expectedBus, string expectedScsi, string expectedCard)
    {
        var properties = new Dictionary<string, string>();
        foreach (var (name, value) in ((string, string?)[])[("hw_disk_bus", bus), ("hw_scsi_model", scsi), ("hw_vif_model", card)]) if (value is not null) properties[name] = value;
        var guest = GuestPlan.Of(Server(properties), [Port]).Guest!;
        Assert.Equal((expectedBus, expectedScsi, expectedCard), (guest.Disks[0].Bus, guest.ScsiModel, guest.Nics[0].Model));
    }

    [Theory]
    [InlineData(null, "bios")]
    [InlineData("bios", "bios")]
    [InlineData("uefi", "uefi")]
    [InlineData("open", "bios")]
    public void A_guest_boots_by_the_firmware_of_its_image(string? firmware, string expected) =>
        Assert.Equal(expected, GuestPlan.Of(Server(firmware is null ? [] : new() { ["hw_firmware_type"] = firmware }), [Port]).Guest!.Firmware);

    private static ServerRow Server(Dictionary<string, string> properties) => new()
    {
        Id = NewId.Uuid(), Number = 1, Name = "vm", Hostname = "vm", ProjectId = "p", UserId = "u", VmState = VmState.Active, FlavorId = "1", Flavor = new FlavorUse("1", "tiny", 1, 512, 1, 0, 0, 1, []),
        ImageId = NewId.Uuid(), Image = new ImageUse(NewId.Uuid(), "vmdk", "hash", 1 << 20, 0, 0, null, null, properties), ReservationId = "r-1", Metadata = [],
        CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch,
    };
}
