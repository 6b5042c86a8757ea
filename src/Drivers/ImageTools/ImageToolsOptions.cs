using Nephos.Drivers.Exec;

namespace Nephos.Drivers.ImageTools;

/// <summary>Limits for the tools that read hostile bytes.</summary>
public sealed record ImageToolsOptions
{
    /// <summary>An unprivileged user that can read the sources and owns nothing of value; null leaves the tools ours.</summary>
    public RunAs? RunAs { get; init; }

    /// <summary>Processor seconds of a conversion.</summary>
    public int CpuSeconds { get; init; } = 1800;

    /// <summary>Address space of a conversion. A hostile header must not take the host's memory.</summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(1);
}
