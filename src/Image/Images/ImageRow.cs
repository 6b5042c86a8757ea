using Nephos.Kernel.Data;

namespace Nephos.Image.Images;

/// <summary>An image as it is stored.</summary>
internal sealed record ImageRow
{
    public required Guid Id { get; init; }
    public string? Name { get; init; }
    public required string Status { get; init; }
    public required string Visibility { get; init; }
    public bool Protected { get; init; }
    public bool OsHidden { get; init; }
    public string? Owner { get; init; }
    public string? DiskFormat { get; init; }
    public string? ContainerFormat { get; init; }
    public long MinDisk { get; init; }
    public long MinRam { get; init; }
    public long? Size { get; init; }
    public long? VirtualSize { get; init; }
    public string? Checksum { get; init; }
    public string? OsHashAlgo { get; init; }
    public string? OsHashValue { get; init; }

    /// <summary>What is known of data that is staged and not imported yet.</summary>
    [Json]
    public DataFacts? Staged { get; init; }

    /// <summary>The task that imports into it now.</summary>
    public Guid? ImportTask { get; init; }

    /// <summary>How the last import stands; null if there was none.</summary>
    [Json]
    public ImportProgress? Importing { get; init; }

    /// <summary>Whether it has data already; one that is deactivated meanwhile stays so.</summary>
    public bool HasData => Status is "active" or "deactivated";

    /// <summary>Refuses data for an image that does not say what it is.</summary>
    public void RequireFormats()
    {
        var missing = new List<string>(2);
        if (DiskFormat is null) missing.Add("disk_format");
        if (ContainerFormat is null) missing.Add("container_format");
        if (missing.Count > 0) throw Errors.MissingFormats(missing);
    }

    /// <summary>Counts changes, so that two writers notice each other.</summary>
    public long Revision { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? DeletedAt { get; init; }
}

/// <summary>What is known of stored data.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="VirtualSize">Bytes a guest sees.</param>
/// <param name="Md5">In hexadecimal.</param>
/// <param name="Hash">In hexadecimal.</param>
/// <param name="Algorithm">That of the hash.</param>
internal sealed record DataFacts(long Size, long? VirtualSize, string Md5, string Hash, string Algorithm)
{
    /// <summary>A name that only these bytes have; null where others could be made to have it too.</summary>
    public string? Content() => IsStrong(Algorithm) ? $"{Algorithm}-{Hash}" : null;

    /// <summary>Whether nobody can make two sets of data with one hash.</summary>
    public static bool IsStrong(string? algorithm) => algorithm is "sha256" or "sha384" or "sha512";
}

/// <summary>Which stores an import still has to fill, and which it could not.</summary>
internal sealed record ImportProgress(IReadOnlyList<string> To, IReadOnlyList<string> Failed);
