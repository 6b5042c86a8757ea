using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Node.Storage;

namespace Nephos.Node.Compute;

/// <summary>Turns an order without paths into a guest with paths: fetches bases and kernels, makes the config drive, defines the guest.</summary>
internal sealed class GuestBuilder(IHypervisor hypervisor, BaseCache bases, IConfigDriveMaker drives, NodeOptions options)
{
    private readonly string _drives = Path.Combine(options.StateFolder, "config-drives");

    public async Task Define(ServerItem item, Action<string> phase, CancellationToken ct)
    {
        phase("image");
        var root = item.RootImage is { } image ? bases.Disk(image, item.RootImageHash!, item.RootImageFormat!, ct) : null;
        var kernel = item.KernelImage is { } k ? bases.File(k, ct) : null;
        var ramdisk = item.RamdiskImage is { } r ? bases.File(r, ct) : null;
        var spec = item.Guest;
        if (root is not null && await root is var path) spec = spec with { Disks = [spec.Disks[0] with { BasePath = path }, .. spec.Disks.Skip(1)] };
        if (kernel is not null) spec = spec with { KernelPath = await kernel };
        if (ramdisk is not null) spec = spec with { RamdiskPath = await ramdisk };
        if (item.ConfigDrive is { } files)
        {
            Directory.CreateDirectory(_drives);
            await drives.Make(DriveOf(item.Guest.Id), files, ct);
            spec = spec with { ConfigDrivePath = DriveOf(item.Guest.Id) };
        }
        phase("disks");
        await hypervisor.Define(spec, ct);
    }

    /// <summary>Removes what was made beside the guest itself.</summary>
    public void Forget(Guid server)
    {
        // Deleting in a folder that was never made is an error, of a file that was never made not.
        if (Directory.Exists(_drives)) File.Delete(DriveOf(server));
    }

    private string DriveOf(Guid server) => Path.Combine(_drives, $"{server}.iso");
}
