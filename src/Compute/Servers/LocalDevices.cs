using System.Text.Json;
using Nephos.Compute.Flavors;

namespace Nephos.Compute.Servers;

/// <summary>
/// What block device mappings ask for beside the image: since this cloud has no volumes yet, the image itself on a local disk (clients
/// send it along with imageRef), ephemeral disks and swap within the flavor's sizes.
/// </summary>
internal sealed record LocalDevices(Guid? Image, int? EphemeralGb, int? SwapMb)
{
    public static LocalDevices Of(JsonElement body)
    {
        if (body.Part("block_device_mapping") is { } old && body.Part("block_device_mapping_v2") is not null && old.GetArrayLength() > 0)
            throw Errors.BadDevices("Using different block_device_mapping syntaxes is not allowed in the same request.");
        foreach (var device in body.Part("block_device_mapping")?.EnumerateArray() ?? default)
        {
            if (device.Text("volume_id") is { } volume) throw Errors.NoVolumes(volume);
            if (device.Text("snapshot_id") is { } snapshot) throw Errors.NoVolumeSnapshots(snapshot);
        }
        var devices = new LocalDevices(null, null, null);
        foreach (var device in body.Part("block_device_mapping_v2")?.EnumerateArray() ?? default) devices = devices.With(device);
        return devices;
    }

    /// <summary>The flavor with the sizes asked for.</summary>
    public FlavorUse Apply(Flavor flavor)
    {
        if (EphemeralGb > flavor.EphemeralGb) throw Errors.TooLargeEphemeral();
        if (SwapMb > flavor.Swap) throw Errors.TooLargeSwap();
        return new FlavorUse(flavor.Id, flavor.Name, flavor.Vcpus, flavor.MemoryMb, flavor.RootGb, EphemeralGb ?? flavor.EphemeralGb, SwapMb ?? flavor.Swap, flavor.RxtxFactor, flavor.ExtraSpecs);
    }

    private LocalDevices With(JsonElement device)
    {
        var (source, destination, uuid) = (device.Text("source_type"), device.Text("destination_type"), device.Text("uuid") ?? "");
        return (source, destination ?? "local") switch
        {
            ("volume", _) => throw Errors.NoVolumes(device.Text("volume_id") ?? uuid),
            ("snapshot", _) => throw Errors.NoVolumeSnapshots(device.Text("snapshot_id") ?? uuid),
            ("image", "volume") or ("blank", "volume") => throw Errors.NoVolumeFromImage(),
            ("image", _) when Guid.TryParse(uuid, out var image) => device.Whole("boot_index") == 0 ? this with { Image = image }
                : throw Errors.BadDevices("Mapping image to local is not supported except for the boot device."),
            ("blank", _) when device.Text("guest_format") == "swap" => this with { SwapMb = device.Whole("volume_size") },
            ("blank", _) => this with { EphemeralGb = (EphemeralGb ?? 0) + device.Whole("volume_size") },
            _ => throw Errors.BadDevices("the device needs a source_type and what belongs to it."),
        };
    }
}
