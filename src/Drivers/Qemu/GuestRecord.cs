using System.Text.Json.Serialization;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Qemu;

/// <summary>Where a guest is in its life, as we last made it.</summary>
enum Phase
{
    /// <summary>No process.</summary>
    Off,
    /// <summary>The process is being made; its guest has not run yet.</summary>
    Starting,
    /// <summary>The guest runs (or is paused), unless it ended by itself since.</summary>
    On,
    /// <summary>We asked it to power off; its end is then ours, not its own.</summary>
    Stopping,
    /// <summary>Its memory is in a file.</summary>
    Suspended,
}

/// <summary>What must be known of a guest after a restart; kept as JSON in its folder.</summary>
sealed record GuestRecord
{
    /// <summary>As the running or saved machine has it.</summary>
    public required GuestSpec Spec { get; init; }

    /// <summary>As it shall be from the next cold start on; null when the same.</summary>
    public GuestSpec? Next { get; init; }

    /// <summary>Versioned machine type; never changes under a guest.</summary>
    public required string Machine { get; init; }

    /// <summary>The code of UEFI firmware as it was at first: the guest's variables and its saved memory belong to it. Null where nobody asked yet.</summary>
    public string? FirmwareCode { get; init; }

    /// <summary>Root port of each device by its id, so that a restored guest finds its devices where they were.</summary>
    public IReadOnlyDictionary<string, int> Slots { get; init; } = new Dictionary<string, int>();

    /// <summary>How many root ports the machine has; more than devices, for hot-plug.</summary>
    public int Ports { get; init; }

    public Phase Phase { get; init; }

    /// <summary>Why it is off, see <see cref="GuestState.Reason"/>.</summary>
    public string Reason { get; init; } = "";

    public DateTimeOffset? StartedAt { get; init; }

    [JsonIgnore]
    public GuestSpec Wanted => Next ?? Spec;
}

[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(GuestRecord))]
sealed partial class GuestRecordJson : JsonSerializerContext;
