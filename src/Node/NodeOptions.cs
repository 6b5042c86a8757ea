namespace Nephos.Node;

/// <summary>What a node is told when it starts.</summary>
public sealed record NodeOptions
{
    /// <summary>Folder for bases and the node's own records.</summary>
    public required string StateFolder { get; init; }
    /// <summary>Name shown as <c>host</c>.</summary>
    public required string Host { get; init; }
    /// <summary>Address other nodes reach this one on.</summary>
    public string Address { get; init; } = "127.0.0.1";
    /// <summary>The program's version.</summary>
    public string Release { get; init; } = "0.1";
    /// <summary>The cloud it belongs to; it refuses to act for another.</summary>
    public required string Cloud { get; init; }
    /// <summary>Reads the kernel's boot id; tests give another to play a reboot.</summary>
    public Func<string> BootId { get; init; } = () => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    /// <summary>How often guests are looked at.</summary>
    public TimeSpan GuestPeriod { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>How often networks are looked at without news: DHCP servers that died, changes that failed.</summary>
    public TimeSpan NetworkPeriod { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>How often the whole switch is compared with the host, which reads every rule.</summary>
    public TimeSpan SwitchPeriod { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>Die where <c>NEPHOS_CRASH=Node/step/(before|inside|after)</c> says. Only for tests and pretended hosts.</summary>
    public bool AllowCrash { get; init; }
    /// <summary>How many guests are built or started at once; a boot costs seconds of processor time.</summary>
    public int ParallelGuests { get; init; } = Math.Max(2, Environment.ProcessorCount);
}
