namespace Nephos.Contracts.Drivers;

/// <summary>
/// Runs guests on this host. Every verb is "make it so" and may be repeated; removing nothing succeeds. A driver touches only
/// guests that carry this cloud's owner mark, and never restarts a guest by itself: power is an order, not a state to hold.
/// </summary>
public interface IHypervisor
{
    /// <summary>What this host can run, and why not more (no KVM, for instance).</summary>
    Task<HypervisorFacts> Facts(CancellationToken ct);

    /// <summary>Every guest of this cloud that is defined on this host, with the power state seen now.</summary>
    Task<IReadOnlyList<GuestState>> List(CancellationToken ct);

    /// <summary>Creates the guest's files and disks, or changes what may change while it is off. Does not start it. Taps exist already.</summary>
    /// <exception cref="Fault">When the host cannot hold it: the sentence says which part and why.</exception>
    Task Define(GuestSpec spec, CancellationToken ct);

    /// <summary>Boots a defined guest, or restores it when <see cref="Suspend"/> saved its state. A running guest stays as it is; a paused one stays paused.</summary>
    Task Start(Guid guest, CancellationToken ct);

    /// <summary>ACPI power-off, then after <paramref name="grace"/> the plug. Zero grace pulls the plug at once.</summary>
    Task Stop(Guid guest, TimeSpan grace, CancellationToken ct);

    /// <summary>Restarts: by ACPI power-off within <paramref name="grace"/> and boot; zero grace is a cold restart at once.</summary>
    Task Reboot(Guid guest, TimeSpan grace, CancellationToken ct);

    /// <summary>Freezes the processors; memory stays.</summary>
    Task Pause(Guid guest, CancellationToken ct);

    /// <summary>Lets a paused guest run.</summary>
    Task Unpause(Guid guest, CancellationToken ct);

    /// <summary>Saves memory to disk and ends the process; the next <see cref="Start"/> restores it.</summary>
    Task Suspend(Guid guest, CancellationToken ct);

    /// <summary>Ends the process at once and removes every file of the guest.</summary>
    Task Remove(Guid guest, CancellationToken ct);

    /// <summary>Plugs a network card whose tap exists; hot if the guest runs.</summary>
    Task AttachNic(Guid guest, NicSpec nic, CancellationToken ct);

    /// <summary>Unplugs the card of a port; hot if the guest runs.</summary>
    Task DetachNic(Guid guest, Guid port, CancellationToken ct);

    /// <summary>The last part of the serial console, at most 100 KiB.</summary>
    Task<string> ConsoleText(Guid guest, CancellationToken ct);

    /// <summary>Counters of a running guest.</summary>
    Task<GuestDiagnostics> Diagnostics(Guid guest, CancellationToken ct);

    /// <summary>Writes a flattened, stand-alone qcow2 copy of the root disk; the guest goes on running.</summary>
    Task Snapshot(Guid guest, string targetPath, CancellationToken ct);
}

/// <summary>Power as seen from outside the guest (nova's numbers: 0 pending, 1 running, 3 paused, 4 shutdown, 6 crashed, 7 suspended).</summary>
public enum PowerState
{
    /// <summary>Not known yet.</summary>
    Pending = 0,
    /// <summary>The processors run.</summary>
    Running = 1,
    /// <summary>Frozen in memory.</summary>
    Paused = 3,
    /// <summary>Off.</summary>
    Shutdown = 4,
    /// <summary>The guest or its emulator died without being asked.</summary>
    Crashed = 6,
    /// <summary>Memory saved on disk, no process.</summary>
    Suspended = 7,
}

/// <summary>A guest as the host sees it.</summary>
/// <param name="Id">The server's id.</param>
/// <param name="Power">Seen now.</param>
/// <param name="Reason">Why it is off: <c>guest</c> (powered off from inside), <c>host</c> (we were asked), <c>crash</c>, <c>killed</c>; else empty.</param>
public sealed record GuestState(Guid Id, PowerState Power, string Reason = "");

/// <summary>What a hypervisor driver offers besides, for finding what nobody wants.</summary>
public interface IGuestTraces
{
    /// <summary>Every guest of this cloud that has left anything on this host, also one that was never finished; with what there is of it, in words.</summary>
    Task<IReadOnlyList<GuestTrace>> Traces(CancellationToken ct);
}

/// <summary>What there is of a guest.</summary>
/// <param name="Id">The server's id.</param>
/// <param name="Left">Process, folder and size, for people.</param>
public sealed record GuestTrace(Guid Id, string Left);

/// <summary>What a hypervisor offers.</summary>
public sealed record HypervisorFacts
{
    /// <summary>nova's name of it: <c>QEMU</c> or <c>fake</c>.</summary>
    public required string Type { get; init; }
    /// <summary>Version as one number (7002022 for 7.2.22), as os-hypervisors shows.</summary>
    public required long Version { get; init; }
    /// <summary><c>kvm</c>, <c>tcg</c> or <c>fake</c>.</summary>
    public required string Accelerator { get; init; }
    /// <summary>One sentence when something better exists but cannot be used here; else empty.</summary>
    public string Why { get; init; } = "";
    /// <summary>Host architecture, <c>x86_64</c>.</summary>
    public string Architecture { get; init; } = "x86_64";
    /// <summary>Processors of the host.</summary>
    public required int Vcpus { get; init; }
    /// <summary>Memory of the host, MiB.</summary>
    public required long MemoryMib { get; init; }
    /// <summary>Space for guests, GiB.</summary>
    public required long DiskGib { get; init; }
    /// <summary>Host processor, as <c>/proc/cpuinfo</c> names it.</summary>
    public string CpuModel { get; init; } = "";
    /// <summary>Placement trait names this host has (<c>COMPUTE_...</c>, <c>HW_CPU_...</c>).</summary>
    public IReadOnlyList<string> Traits { get; init; } = [];
}

/// <summary>Everything needed to make a guest on a host. Paths are on that host.</summary>
public sealed record GuestSpec
{
    /// <summary>The server's id, also the SMBIOS UUID.</summary>
    public required Guid Id { get; init; }
    /// <summary>nova's instance name, <c>instance-0000002a</c>.</summary>
    public required string Name { get; init; }
    /// <summary>Virtual processors.</summary>
    public required int Vcpus { get; init; }
    /// <summary>How much of the host's processors it may use; null for no limit.</summary>
    public CpuLimits? CpuLimits { get; init; }
    /// <summary>Memory, MiB.</summary>
    public required int MemoryMib { get; init; }
    /// <summary>Machine type with its version (<c>pc-q35-7.2</c>), or null for the driver's newest; recorded so that it never changes under a guest.</summary>
    public string? Machine { get; init; }
    /// <summary><c>bios</c> or <c>uefi</c>; with the latter the guest keeps variables of its own for as long as it exists.</summary>
    public string Firmware { get; init; } = "bios";
    /// <summary>Disks in boot order; the first is the root disk.</summary>
    public required IReadOnlyList<DiskSpec> Disks { get; init; }
    /// <summary>The controller of disks on the bus <c>scsi</c>: <c>virtio-scsi</c>, or one that other products have: <c>lsilogic</c>, <c>lsisas1068</c>, <c>vmpvscsi</c>.</summary>
    public string ScsiModel { get; init; } = "virtio-scsi";
    /// <summary>Network cards in guest order.</summary>
    public required IReadOnlyList<NicSpec> Nics { get; init; }
    /// <summary>An ISO 9660 file with the label <c>config-2</c>, or null.</summary>
    public string? ConfigDrivePath { get; init; }
    /// <summary>Kernel to boot directly, or null for the disk's own boot loader.</summary>
    public string? KernelPath { get; init; }
    /// <summary>Initial RAM disk for <see cref="KernelPath"/>.</summary>
    public string? RamdiskPath { get; init; }
    /// <summary>Kernel command line for <see cref="KernelPath"/>.</summary>
    public string? KernelArguments { get; init; }
}

/// <summary>A guest's part of the host's processors, as a flavor's <c>quota:cpu_*</c> say. A host that cannot limit goes without.</summary>
/// <param name="Shares">Weight against other guests, 1024 is the usual one; null for that.</param>
/// <param name="Quota">Microseconds of each virtual processor in a period; null or not positive for no limit.</param>
/// <param name="Period">Length of a period in microseconds; null for 100,000.</param>
public sealed record CpuLimits(long? Shares, long? Quota, long? Period);

/// <summary>One disk.</summary>
public sealed record DiskSpec
{
    /// <summary>File name within the guest's folder: <c>disk</c>, <c>disk.eph0</c>, <c>disk.swap</c>.</summary>
    public required string Name { get; init; }
    /// <summary>Size the guest sees, bytes; at least the base's size.</summary>
    public required long SizeBytes { get; init; }
    /// <summary>A raw, read-only base to lay it over, or null for an empty disk.</summary>
    public string? BasePath { get; init; }
    /// <summary><c>virtio</c>, <c>scsi</c> or <c>ide</c>.</summary>
    public string Bus { get; init; } = "virtio";
    /// <summary>Serial number the guest sees, or null.</summary>
    public string? Serial { get; init; }
}

/// <summary>One network card.</summary>
/// <param name="Port">The port's id.</param>
/// <param name="Tap">Name of the tap on the host, at most 15 characters.</param>
/// <param name="Mac">Hardware address, <c>fa:16:3e:..</c>.</param>
/// <param name="Mtu">Bytes; given to the guest as <c>host_mtu</c>.</param>
/// <param name="Model"><c>virtio</c>, <c>e1000</c>, <c>e1000e</c>, <c>rtl8139</c>, <c>vmxnet3</c> or <c>pcnet</c>.</param>
public sealed record NicSpec(Guid Port, string Tap, string Mac, int Mtu, string Model = "virtio");

/// <summary>Counters of a running guest (nova's diagnostics document, microversion 2.48).</summary>
public sealed record GuestDiagnostics
{
    /// <summary>Power now.</summary>
    public required PowerState Power { get; init; }
    /// <summary><c>kvm</c>, <c>qemu</c> or <c>fake</c>.</summary>
    public required string Driver { get; init; }
    /// <summary>Seconds since the guest was started.</summary>
    public long UptimeSeconds { get; init; }
    /// <summary>Time used by each virtual processor, nanoseconds.</summary>
    public IReadOnlyList<long> CpuTimeNs { get; init; } = [];
    /// <summary>Memory given, MiB.</summary>
    public long MemoryMaximumMib { get; init; }
    /// <summary>Memory resident on the host, MiB.</summary>
    public long MemoryUsedMib { get; init; }
    /// <summary>Per card.</summary>
    public IReadOnlyList<NicCounters> Nics { get; init; } = [];
    /// <summary>Per disk.</summary>
    public IReadOnlyList<DiskCounters> Disks { get; init; } = [];
}

/// <summary>Traffic of a card as the guest sees it.</summary>
public sealed record NicCounters(string Mac, string Tap, long RxBytes, long RxPackets, long RxErrors, long RxDrop, long TxBytes, long TxPackets, long TxErrors, long TxDrop);

/// <summary>Traffic of a disk.</summary>
public sealed record DiskCounters(string Name, long ReadBytes, long ReadRequests, long WriteBytes, long WriteRequests, long Errors);
