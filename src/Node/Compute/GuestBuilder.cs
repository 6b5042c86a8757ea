using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Node.Storage;

namespace Nephos.Node.Compute;

/// <summary>Turns an order without paths into a guest with paths: fetches bases and kernels, makes the config drive, defines the guest.</summary>
internal sealed class GuestBuilder(IHypervisor hypervisor, BaseCache bases, IConfigDriveMaker drives, NodeOptions options)
{
    private readonly string _drives = Path.Combine(options.StateFolder, "config-drives");

    /// <summary>The files of the base cache that the guest needs from now on.</summary>
    public async Task<IReadOnlyList<string>> Define(ServerItem item, Action<string> phase, CancellationToken ct)
    {
        phase("image");
        var root = item.RootImage is { } image ? bases.Disk(image, item.RootImageHash!, item.RootImageFormat!, item.Guest.Disks[0].SizeBytes, ct) : null;
        var kernel = item.KernelImage is { } k ? bases.File(k, ct) : null;
        var ramdisk = item.RamdiskImage is { } r ? bases.File(r, ct) : null;
        var spec = item.Guest;
        if (root is not null && await root is var path) spec = spec with { Disks = [spec.Disks[0] with { BasePath = path }, .. spec.Disks.Skip(1)] };
        if (kernel is not null) spec = spec with { KernelPath = await kernel };
        if (ramdisk is not null) spec = spec with { RamdiskPath = await ramdisk };
        if (item.ConfigDrive is { } files)
        {
            var folder = Directory.CreateDirectory(FolderOf(spec.Id), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            spec = spec with { ConfigDrivePath = Path.Combine(folder.FullName, "config.iso") };
            await drives.Make(spec.ConfigDrivePath, files, ct);
        }
        phase("disks");
        await hypervisor.Define(spec, ct);
        // The guest has a copy of its own, and there are secrets in it.
        Forget(spec.Id);
        return [.. ((string?[])[.. spec.Disks.Select(d => d.BasePath), spec.KernelPath, spec.RamdiskPath]).OfType<string>()];
    }

    /// <summary>Removes what was made beside the guest itself, also what was being made when an earlier life ended.</summary>
    public void Forget(Guid server)
    {
        if (Directory.Exists(FolderOf(server))) Directory.Delete(FolderOf(server), recursive: true);
    }

    private string FolderOf(Guid server) => Path.Combine(_drives, server.ToString());
}
