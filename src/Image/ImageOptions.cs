namespace Nephos.Image;

/// <summary>How this cloud keeps images.</summary>
public sealed record ImageOptions
{
    /// <summary>Folder of this host for data on its way: best on the file system of the default store, which then shares its blocks.</summary>
    public required string Staging { get; init; }

    /// <summary>The store that is used where none is named; null: the first.</summary>
    public string? DefaultStore { get; init; }

    /// <summary>Bytes of one image.</summary>
    public long MaxImage { get; init; } = 1L << 40;
}
