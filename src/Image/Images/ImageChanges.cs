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

    /// <summary>These, and later ones that count more.</summary>
    public ImageChanges And(ImageChanges later) => new()
    {
        DiskFormat = later.DiskFormat ?? DiskFormat, ContainerFormat = later.ContainerFormat ?? ContainerFormat, MinDisk = Math.Max(MinDisk, later.MinDisk), MinRam = Math.Max(MinRam, later.MinRam),
        Properties = Properties.Concat(later.Properties).GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.Last().Value),
    };
}
