namespace Nephos.Drivers.Qemu;

/// <summary>Every file of one guest.</summary>
sealed record GuestPaths(string Folder, string Run)
{
    public string Record => Path.Combine(Folder, "guest.json");
    public string Console => Path.Combine(Folder, "console.log");
    public string Log => Path.Combine(Folder, "qemu.log");
    public string ConfigDrive => Path.Combine(Folder, "config.iso");
    /// <summary>Variables of the firmware: boot entries and the like.</summary>
    public string Variables => Path.Combine(Folder, "nvram");
    public string SavedState => Path.Combine(Folder, "memory");
    public string Snapshot => Path.Combine(Folder, "snapshot.tmp");
    public string Disk(string name) => Path.Combine(Folder, name);

    /// <summary>The emulator's own folder: it may put anything here, so nothing of ours is made, changed or followed in it.</summary>
    public string Own => Path.Combine(Run, "own");
    public string Qmp => Path.Combine(Own, "qmp");
    public string Serial => Path.Combine(Own, "serial");
    public string PidFile => Path.Combine(Own, "pid");

    /// <summary>Where it listens for its memory.</summary>
    public string Incoming => Path.Combine(Own, "incoming");

    /// <summary>Where we listen for it.</summary>
    public string Outgoing => Path.Combine(Run, "outgoing");

    /// <summary>Names a disk must not have.</summary>
    public static readonly IReadOnlySet<string> Reserved = new HashSet<string> { "guest.json", "guest.json.tmp", "console.log", "console.log.1", "qemu.log", "config.iso", "config.iso.tmp", "nvram", "nvram.tmp", "memory", "memory.tmp", "memory.used", "snapshot.tmp" };

    public static GuestPaths Of(QemuOptions options, Guid guest) => new(Path.Combine(options.State, guest.ToString()), Path.Combine(options.Run, guest.ToString()));
}
