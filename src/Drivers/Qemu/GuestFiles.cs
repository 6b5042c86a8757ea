using System.Text.Json;
using System.Text.RegularExpressions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu;

/// <summary>What of a guest is on disk: its record, its overlays, its config drive.</summary>
sealed partial class GuestFiles(QemuOptions options, Commands commands)
{
    const long Sector = 512;

    public string FirmwareCode => options.Uefi.Code;

    public GuestPaths Paths(Guid guest) => GuestPaths.Of(options, guest);

    /// <summary>Guests with a folder.</summary>
    public IEnumerable<Guid> Folders() =>
        !Directory.Exists(options.State) ? [] :
        from folder in Directory.EnumerateDirectories(options.State)
        where Guid.TryParse(Path.GetFileName(folder), out _)
        select Guid.Parse(Path.GetFileName(folder));

    /// <summary>Guests with a record; a folder without one was never finished.</summary>
    public IEnumerable<Guid> List() => Folders().Where(id => File.Exists(Paths(id).Record));

    /// <summary>Bytes in a guest's folder.</summary>
    public long Size(Guid guest) => Directory.EnumerateFiles(Paths(guest).Folder).Sum(file => new FileInfo(file) is { Exists: true } info ? info.Length : 0);

    public GuestRecord? Load(Guid guest)
    {
        var path = Paths(guest).Record;
        try { return JsonSerializer.Deserialize(File.ReadAllBytes(path), GuestRecordJson.Default.GuestRecord); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
        catch (JsonException e) { throw Errors.BadRecord(path, e.Message); }
    }

    public void Save(GuestRecord record)
    {
        var path = Paths(record.Spec.Id).Record;
        using (var file = new FileStream(path + ".tmp", Modes.NewFile))
        {
            JsonSerializer.Serialize(file, record, GuestRecordJson.Default.GuestRecord);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".tmp", path, overwrite: true);
        Libc.SyncFolder(Path.GetDirectoryName(path)!);
    }

    public void Check(GuestSpec spec)
    {
        if (spec.Firmware is not ("bios" or "uefi")) throw Errors.BadName("firmware", spec.Firmware);
        if (spec.Firmware == "uefi" && !options.Uefi.IsHere) throw Errors.NoFirmware(options.Uefi.Code);
        if (!CommandLine.ScsiControllers.ContainsKey(spec.ScsiModel)) throw Errors.BadName("SCSI model", spec.ScsiModel);
        foreach (var disk in spec.Disks)
        {
            if (!DiskName().IsMatch(disk.Name) || GuestPaths.Reserved.Contains(disk.Name)) throw Errors.BadName("disk name", disk.Name);
            if (disk.Bus is not ("virtio" or "scsi" or "ide")) throw Errors.BadName("disk bus", disk.Bus);
            if (disk.BasePath is not { } path) continue;
            if (!File.Exists(path)) throw Errors.NoBase(path);
            if (new FileInfo(path).Length is var needed && needed > disk.SizeBytes) throw Errors.TooSmall(disk.Name, disk.SizeBytes, needed);
        }
        if (spec.Disks.DistinctBy(d => d.Name).Count() != spec.Disks.Count) throw Errors.BadName("disk name", spec.Disks[^1].Name);
        foreach (var nic in spec.Nics) Check(nic);
        foreach (var path in (string?[])[spec.ConfigDrivePath, spec.KernelPath, spec.RamdiskPath])
            if (path is not null && !File.Exists(path)) throw Errors.NoFile(path);
    }

    public static void Check(NicSpec nic)
    {
        if (!TapName().IsMatch(nic.Tap)) throw Errors.BadName("device name", nic.Tap);
        if (!Mac().IsMatch(nic.Mac)) throw Errors.BadName("hardware address", nic.Mac);
        if (nic.Model is not ("virtio" or "e1000" or "e1000e" or "rtl8139" or "vmxnet3" or "pcnet")) throw Errors.BadName("card model", nic.Model);
    }

    /// <summary>Makes what is missing and grows what is smaller; never shrinks or removes data.</summary>
    public async Task Prepare(GuestSpec spec, RunAs? user, CancellationToken ct)
    {
        var paths = Paths(spec.Id);
        Directory.CreateDirectory(options.State, Modes.Folder);
        Directory.CreateDirectory(paths.Folder, Modes.Folder);
        foreach (var disk in spec.Disks) await Disk(disk, paths.Disk(disk.Name), user, ct);
        if (spec.Firmware == "uefi" && !File.Exists(paths.Variables)) Copy(options.Uefi.Variables, paths.Variables, user);
        if (spec.ConfigDrivePath is { } iso && iso != paths.ConfigDrive) Copy(iso, paths.ConfigDrive, user);
        else if (spec.ConfigDrivePath is null) File.Delete(paths.ConfigDrive);
    }

    public void Remove(Guid guest)
    {
        var paths = Paths(guest);
        // Without its record a guest is no longer listed, also if we die before the rest is gone.
        if (Directory.Exists(paths.Folder)) File.Delete(paths.Record);
        foreach (var folder in (string[])[paths.Run, paths.Folder])
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    async Task Disk(DiskSpec disk, string path, RunAs? user, CancellationToken ct)
    {
        var size = (disk.SizeBytes + Sector - 1) / Sector * Sector;
        if (!File.Exists(path))
        {
            var temporary = path + ".tmp";
            string[] backing = disk.BasePath is { } bottom ? ["-b", bottom, "-F", "raw"] : [];
            await Must(["create", "-q", "-f", "qcow2", .. backing, temporary, $"{size}"], null, ct);
            Own(temporary, user);
            File.Move(temporary, path);
        }
        else if (VirtualSize(path) < size)
            // The guest's emulator could have written anything here: as its user, not as ours.
            await Must(["resize", "-q", "-f", "qcow2", path, $"{size}"], user, ct);
    }

    static void Copy(string source, string target, RunAs? user)
    {
        File.Copy(source, target + ".tmp", overwrite: true);
        Own(target + ".tmp", user);
        File.Move(target + ".tmp", target, overwrite: true);
    }

    /// <summary>Copies a guest that is off, stand-alone.</summary>
    public async Task Copy(string disk, string target, RunAs? user, CancellationToken ct)
    {
        new FileStream(target, Modes.NewFile).Dispose();
        Own(target, user);
        await Must(["convert", "-f", "qcow2", "-O", "qcow2", disk, target], user, ct, TimeSpan.FromHours(2));
    }

    public async Task Create(string path, long size, RunAs? user, CancellationToken ct)
    {
        File.Delete(path);
        await Must(["create", "-q", "-f", "qcow2", path, $"{size}"], null, ct);
        Own(path, user);
    }

    async Task Must(string[] arguments, RunAs? user, CancellationToken ct, TimeSpan? limit = null)
    {
        string[] line = [.. RunAs.Prefix(user), "qemu-img", .. arguments];
        try { await commands.Must(new Command(line[0], line[1..]) { Limit = limit ?? TimeSpan.FromMinutes(2) }, ct); }
        catch (CommandFailed e) { throw new Fault(FaultKind.Unavailable, "DiskFailed", $"A disk could not be made: {e.Result?.Error.Trim() ?? "it took too long"}") { AdminDetail = e.Message }; }
    }

    /// <summary>Field 24 of a qcow2 header, big-endian.</summary>
    internal static long VirtualSize(string path)
    {
        Span<byte> header = stackalloc byte[32];
        using var file = File.OpenHandle(path);
        return RandomAccess.Read(file, header, 0) < 32 ? 0 : System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(header[24..]);
    }

    static void Own(string path, RunAs? user)
    {
        File.SetUnixFileMode(path, Modes.Private);
        RunAs.Give(path, user);
    }

    [GeneratedRegex("^[a-z][a-z0-9._-]{0,63}\\z")]
    private static partial Regex DiskName();

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,15}\\z")]
    private static partial Regex TapName();

    [GeneratedRegex("^[0-9a-f]{2}(:[0-9a-f]{2}){5}\\z", RegexOptions.IgnoreCase)]
    private static partial Regex Mac();
}
