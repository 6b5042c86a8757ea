namespace Nephos.Image.Images;

/// <summary>What an image becomes by an import besides its data.</summary>
internal sealed record ImageChanges
{
    /// <summary>Null leaves it.</summary>
    public string? DiskFormat { get; init; }

    /// <summary>Null leaves it.</summary>
    public string? ContainerFormat { get; init; }

    /// <summary>GiB; an image that asks for more keeps that.</summary>
    public long MinDisk { get; init; }

    /// <summary>MiB; likewise.</summary>
    public long MinRam { get; init; }

    /// <summary>Added, or put in the place of those there.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Both; what <paramref name="later"/> says wins.</summary>
    public static ImageChanges? Both(ImageChanges? first, ImageChanges? later) => first is null || later is null ? later ?? first : new ImageChanges
    {
        DiskFormat = later.DiskFormat ?? first.DiskFormat,
        ContainerFormat = later.ContainerFormat ?? first.ContainerFormat,
        MinDisk = Math.Max(first.MinDisk, later.MinDisk),
        MinRam = Math.Max(first.MinRam, later.MinRam),
        Properties = first.Properties.Where(p => !later.Properties.ContainsKey(p.Key)).Concat(later.Properties).ToDictionary(),
    };
}
