using Nephos.Contracts.Link;
using Nephos.Kernel.Data;

namespace Nephos.Compute.Servers;

/// <summary>A server as it is stored.</summary>
internal sealed record ServerRow
{
    public required Guid Id { get; init; }
    /// <summary>nova's integer id; the name on the host is made of it.</summary>
    public required long Number { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required string Hostname { get; init; }
    public required string ProjectId { get; init; }
    public required string UserId { get; init; }
    /// <summary>One of <see cref="Servers.VmState"/>.</summary>
    public required string VmState { get; init; }
    /// <summary>One of <see cref="Servers.TaskState"/>, or null: nobody works on it.</summary>
    public string? TaskState { get; init; }
    /// <summary>nova's number, as the node saw it last.</summary>
    public int PowerState { get; init; }
    /// <summary>The last order about power (rule 4).</summary>
    public long PowerNumber { get; init; }
    public PowerVerb PowerVerb { get; init; }
    /// <summary><c>owner</c> or <c>admin</c>.</summary>
    public string? LockedBy { get; init; }
    public string? LockedReason { get; init; }
    public required string FlavorId { get; init; }
    [Json] public required FlavorUse Flavor { get; init; }
    public Guid? ImageId { get; init; }
    [Json] public ImageUse? Image { get; init; }
    public string KernelId { get; init; } = "";
    public string RamdiskId { get; init; } = "";
    /// <summary>Machine type, recorded at the first start so that it never changes under a guest.</summary>
    public string? Machine { get; init; }
    public string? KeyName { get; init; }
    public string? KeyData { get; init; }
    public string? KeyType { get; init; }
    /// <summary>Base64, as it came.</summary>
    public string? UserData { get; init; }
    [Json] public InjectedFile[] InjectedFiles { get; init; } = [];
    public bool ConfigDrive { get; init; }
    public string? RequestedZone { get; init; }
    public string? AvailabilityZone { get; init; }
    public string? Host { get; init; }
    public string? Node { get; init; }
    public Guid? NodeId { get; init; }
    public string? LaunchedOn { get; init; }
    public required string ReservationId { get; init; }
    public int LaunchIndex { get; init; }
    public string? RootDeviceName { get; init; }
    public string? AccessIpV4 { get; init; }
    public string? AccessIpV6 { get; init; }
    public bool AutoDiskConfig { get; init; } = true;
    [Json] public required SortedDictionary<string, string> Metadata { get; init; }
    [Json] public string[] Tags { get; init; } = [];
    /// <summary>Tags of network devices by port.</summary>
    [Json] public Dictionary<Guid, string> NicTags { get; init; } = [];
    /// <summary>A copy of what Network knows of the ports, so that a list is one query (rule 28).</summary>
    [Json] public NicView[] Networks { get; init; } = [];
    /// <summary>Names of the security groups, as they were asked for until the ports exist.</summary>
    [Json] public string[] SecurityGroups { get; init; } = [];
    public Guid? GroupId { get; init; }
    [Json] public ServerFault? Fault { get; init; }
    /// <summary>What the guest posted as its password, encrypted with the user's key.</summary>
    public string Password { get; init; } = "";
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? LaunchedAt { get; init; }
    public DateTimeOffset? TerminatedAt { get; init; }
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The name on the host.</summary>
    public string InstanceName => $"instance-{Number:x8}";
    /// <summary>What operations on it exclude each other by.</summary>
    public string Resource => ResourceOf(Id);
    public static string ResourceOf(Guid id) => $"server/{id}";
}

/// <summary>The flavor as it was when the server was made.</summary>
internal sealed record FlavorUse(string Id, string Name, int Vcpus, int MemoryMb, int RootGb, int EphemeralGb, int Swap, double RxtxFactor, SortedDictionary<string, string> ExtraSpecs);

/// <summary>The image as it was when the server was made.</summary>
internal sealed record ImageUse(Guid Id, string? Format, string? Hash, long VirtualSize, int MinDisk, int MinRam, Guid? Kernel, Guid? Ramdisk, Dictionary<string, string> Properties);

/// <summary>A network card as shown: its network's name, addresses and groups.</summary>
internal sealed record NicView(Guid Port, Guid Network, string Name, string Mac, NicAddress[] Addresses, string[] Groups, bool Ours);

/// <summary>An address, and the floating one in front of it.</summary>
internal sealed record NicAddress(string Address, string? Floating);

/// <summary>Why a server is in ERROR.</summary>
internal sealed record ServerFault(int Code, string Message, string? Details, DateTimeOffset CreatedAt);
