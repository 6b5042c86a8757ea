using System.Net;

namespace Nephos.Image.Web;

/// <summary>From where images may be fetched. Of an allowed and a refused list of one kind, the allowed one alone counts if it is not empty.</summary>
public sealed record WebOptions
{
    public IReadOnlyList<string> AllowedSchemes { get; init; } = ["http", "https"];
    public IReadOnlyList<string> DisallowedSchemes { get; init; } = [];
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];
    public IReadOnlyList<string> DisallowedHosts { get; init; } = [];
    public IReadOnlyList<int> AllowedPorts { get; init; } = [80, 443];
    public IReadOnlyList<int> DisallowedPorts { get; init; } = [];

    /// <summary>Networks that may be fetched from although they are not public: a mirror inside.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>How long a server may be silent.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often data that others keep is asked for again to measure it.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The wait before the first of these times; it doubles.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a server may send us elsewhere.</summary>
    public int MaxRedirects { get; init; } = 5;
}
