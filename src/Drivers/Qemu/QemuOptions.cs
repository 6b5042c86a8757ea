using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu;

/// <summary>Where and how guests run.</summary>
public sealed record QemuOptions
{
    /// <summary>Holds a folder per guest with its disks, console and record.</summary>
    public required string State { get; init; }

    /// <summary>Short-lived and short-named (socket paths end at 107 bytes): <c>/run/nephos/&lt;cloud&gt;</c>. Holds a folder of sockets per guest.</summary>
    public required string Run { get; init; }

    /// <summary>The user and group of the emulators; null leaves them ours (when we are not root).</summary>
    public RunAs? RunAs { get; init; }

    /// <summary>Network namespace that holds the taps; null for our own.</summary>
    public string? HostNamespace { get; init; }

    public string Program { get; init; } = "qemu-system-x86_64";

    /// <summary>What guests with UEFI boot by, if it is on this host.</summary>
    public Firmware Uefi { get; init; } = Firmware.Usual;

    /// <summary><c>kvm</c> or <c>tcg</c> to force one; null takes KVM if a guest really runs on it.</summary>
    public string? Accelerator { get; init; }

    /// <summary>How long an emulator may take from its start to its first answer.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a guest may take to let a card go.</summary>
    public TimeSpan UnplugLimit { get; init; } = TimeSpan.FromSeconds(20);
}
