using Nephos.Contracts;

namespace Nephos.Drivers.Swift;

/// <summary>An object storage with the Swift API, and as whom images are kept there.</summary>
public sealed record SwiftOptions
{
    /// <summary>Where tokens come from: Keystone's <c>.../v3</c>, or Swift's own <c>.../auth/v1.0</c>.</summary>
    public required string AuthUrl { get; init; }

    /// <summary>3 for Keystone, 1 for Swift's own tokens.</summary>
    public int AuthVersion { get; init; } = 3;

    /// <summary>The user's name.</summary>
    public required string User { get; init; }

    public required Secret Key { get; init; }

    /// <summary>The user's project (its account, in Swift's own words).</summary>
    public required string Project { get; init; }

    public string UserDomain { get; init; } = "default";

    public string ProjectDomain { get; init; } = "default";

    /// <summary>Null: the first one of the catalog.</summary>
    public string? Region { get; init; }

    /// <summary>Which of a catalog's addresses: <c>public</c>, <c>internal</c>, <c>admin</c>.</summary>
    public string Interface { get; init; } = "public";

    /// <summary>Made if absent; parts of large images lie in another one, whose name ends in <c>_segments</c>.</summary>
    public string Container { get; init; } = "glance";

    /// <summary>Bytes of an object; larger images are kept in parts.</summary>
    public long PartSize { get; init; } = 200L << 20;
}
