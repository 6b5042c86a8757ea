using Nephos.Contracts.Drivers;

namespace Nephos.Contracts.Link;

/// <summary>A server as a node should have it.</summary>
public sealed record ServerItem
{
    /// <summary>Without paths: the node fills in bases, kernels and the config drive from the ids below.</summary>
    public required GuestSpec Guest { get; init; }
    /// <summary>Image of the root disk, or null.</summary>
    public Guid? RootImage { get; init; }
    /// <summary>Format its data really has.</summary>
    public string? RootImageFormat { get; init; }
    /// <summary>SHA-512 of the image's data; names the base in the node's cache.</summary>
    public string? RootImageHash { get; init; }
    /// <summary>Kernel image, or null.</summary>
    public Guid? KernelImage { get; init; }
    /// <summary>Ramdisk image, or null.</summary>
    public Guid? RamdiskImage { get; init; }
    /// <summary>Files of the config drive by path within it, or null for none.</summary>
    public IReadOnlyDictionary<string, byte[]>? ConfigDrive { get; init; }
    /// <summary>Ports that must be wired before the first start.</summary>
    public required IReadOnlyList<Guid> Ports { get; init; }
    /// <summary>The last power order; carried out once, echoed, never repeated by itself.</summary>
    public required PowerRequest Power { get; init; }
}

/// <summary>An order about power.</summary>
/// <param name="Number">Rises by one with each order; 0 means none yet.</param>
/// <param name="Verb">What to do.</param>
/// <param name="GraceSeconds">For stop and soft reboot: how long the guest may take.</param>
public sealed record PowerRequest(long Number, PowerVerb Verb, int GraceSeconds = 60);

/// <summary>Orders about power.</summary>
public enum PowerVerb
{
    /// <summary>None given yet.</summary>
    None,
    /// <summary>Boot, or restore a suspended guest.</summary>
    Start,
    /// <summary>ACPI, then the plug.</summary>
    Stop,
    /// <summary>Restart by ACPI, then the plug.</summary>
    RebootSoft,
    /// <summary>Restart at once.</summary>
    RebootHard,
    /// <summary>Freeze.</summary>
    Pause,
    /// <summary>Unfreeze.</summary>
    Unpause,
    /// <summary>Save to disk.</summary>
    Suspend,
    /// <summary>Restore from disk.</summary>
    Resume,
}

/// <summary>What a node sees of a server.</summary>
/// <param name="Power">Seen now.</param>
/// <param name="Reason">As <see cref="GuestState.Reason"/>.</param>
/// <param name="PowerNumber">The last power order carried out (or failed).</param>
/// <param name="PowerError">Why that order failed, or null.</param>
/// <param name="Ports">Ports whose cards are plugged.</param>
/// <param name="Phase">Of a build under way, for people: <c>image</c>, <c>disks</c>, <c>ports</c>, <c>starting</c>; else null.</param>
public sealed record ServerObserved(PowerState Power, string Reason, long PowerNumber, string? PowerError, IReadOnlyList<Guid> Ports, string? Phase = null);
