using Nephos.Drivers.Exec;
using Nephos.Drivers.Fake;

namespace Nephos.Seed;

/// <summary>The files of the test guest: as built from Debian packages, or, for pretended servers, stand-ins that only look like images.</summary>
sealed record GuestFiles(string Disk, string Kernel, string Ramdisk, string Root)
{
    /// <summary>Set by <c>./nephos</c>: the project's folder, where the guest is built.</summary>
    static string? Top => Environment.GetEnvironmentVariable("NEPHOS_TOP");

    /// <summary>Builds the guest if its inputs changed; a few seconds the first time.</summary>
    public static async Task<GuestFiles> Build(Commands commands, CancellationToken ct)
    {
        var script = Path.Combine(Top ?? ".", "tools", "guest-image.sh");
        var folder = (await commands.Must(new Command(script) { Limit = TimeSpan.FromMinutes(10) }, ct)).Trim().Split('\n')[^1];
        return In(folder);
    }

    /// <summary>The guest built before, if any.</summary>
    public static GuestFiles? Built => Top is { } top && In(Path.Combine(top, "artifacts", "guest")) is var files && File.Exists(files.Disk) && File.Exists(files.Root) ? files : null;

    /// <summary>Files of a few bytes each.</summary>
    public static GuestFiles Pretended(string folder)
    {
        Directory.CreateDirectory(folder);
        var files = In(folder);
        File.WriteAllBytes(files.Disk, EmptyQcow2.Bytes(64 << 20));
        File.WriteAllBytes(files.Kernel, new byte[512]);
        File.WriteAllBytes(files.Ramdisk, new byte[512]);
        File.WriteAllBytes(files.Root, new byte[4096]);
        return files;
    }

    static GuestFiles In(string folder) => new(Path.Combine(folder, "disk.qcow2"), Path.Combine(folder, "vmlinuz"), Path.Combine(folder, "initrd.img"), Path.Combine(folder, "rootfs.img"));
}
