namespace Nephos.Compute.Scheduling;

/// <summary>A host as the scheduler sees it.</summary>
internal sealed record Host
{
    public required Guid Node { get; init; }
    public required string Name { get; init; }
    public required string Zone { get; init; }
    public required bool IsUp { get; init; }
    public required bool IsEnabled { get; init; }
    public string? DisabledReason { get; init; }
    public string Architecture { get; init; } = "x86_64";
    /// <summary>What is left of each resource class.</summary>
    public required IReadOnlyDictionary<string, long> Free { get; init; }
    /// <summary>Metadata of its aggregates.</summary>
    public ILookup<string, string> Aggregates { get; init; } = Array.Empty<string>().ToLookup(x => x);
}

/// <summary>Where a server wants to go.</summary>
internal sealed record Wish
{
    public string? Zone { get; init; }
    public string? ForcedHost { get; init; }
    public string? Architecture { get; init; }
    /// <summary>Hosts of servers it must not, or must, share one with.</summary>
    public IReadOnlyCollection<Guid> NotOn { get; init; } = [];
    public IReadOnlyCollection<Guid>? OnlyOn { get; init; }
    /// <summary>Policy of its server group, and where the others of the group are, one entry each.</summary>
    public string? GroupPolicy { get; init; }
    public IReadOnlyList<Guid> GroupHosts { get; init; } = [];
    public long MaxPerHost { get; init; } = 1;
    /// <summary>Hosts that failed to build it.</summary>
    public IReadOnlyCollection<string> Tried { get; init; } = [];
    public IReadOnlyDictionary<string, string> ExtraSpecs { get; init; } = new Dictionary<string, string>();
}

/// <summary>Why a host was passed over.</summary>
internal sealed record Refused(string Host, string Filter, string Reason);
