namespace Nephos.Contracts;

/// <summary>What other services may ask of Image. Every call may be repeated.</summary>
public interface IImages
{
    /// <summary>Images by id, whoever owns them; absent ones are left out.</summary>
    Task<IReadOnlyList<ImageInfo>> Get(IReadOnlyList<Guid> ids, CancellationToken ct);

    /// <summary>The data from its start; null if there is none.</summary>
    Task<Stream?> Open(Guid image, CancellationToken ct);

    /// <summary>Makes the row of an image that will get its data later (a snapshot): status <c>queued</c>, owned by the project.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Conflict"/> when it was deleted at this epoch or later; a quota fault as the API's.</exception>
    Task Create(NewImage image, long epoch, CancellationToken ct);

    /// <summary>Stores the data and activates the image.</summary>
    Task PutData(Guid image, Stream data, CancellationToken ct);

    /// <summary>Deletes an image that <see cref="Create"/> made, and leaves a tombstone with the epoch.</summary>
    Task Delete(Guid image, long epoch, CancellationToken ct);
}

/// <summary>An image as other services see it.</summary>
public sealed record ImageInfo
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }
    /// <summary>Its name.</summary>
    public string? Name { get; init; }
    /// <summary><c>queued</c>, <c>saving</c>, <c>active</c>, <c>deactivated</c>, <c>deleted</c> ...</summary>
    public required string Status { get; init; }
    /// <summary>The project that owns it.</summary>
    public string? Owner { get; init; }
    /// <summary><c>public</c>, <c>community</c>, <c>shared</c> or <c>private</c>.</summary>
    public required string Visibility { get; init; }
    /// <summary>Projects it is shared with and accepted or pending.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
    /// <summary>Claimed format, equal to the real one.</summary>
    public string? DiskFormat { get; init; }
    /// <summary>Container format.</summary>
    public string? ContainerFormat { get; init; }
    /// <summary>Bytes of data.</summary>
    public long? Size { get; init; }
    /// <summary>Bytes a guest sees.</summary>
    public long? VirtualSize { get; init; }
    /// <summary>GiB.</summary>
    public int MinDisk { get; init; }
    /// <summary>MiB.</summary>
    public int MinRam { get; init; }
    /// <summary>A name in hexadecimal that no other data has: its hash, where this cloud measured it; null without data.</summary>
    public string? Hash { get; init; }
    /// <summary>Time of creation.</summary>
    public DateTimeOffset CreatedAt { get; init; }
    /// <summary>Time of the last change.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
    /// <summary>Custom properties, <c>hw_...</c> among them.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}

/// <summary>An image to be made for a snapshot.</summary>
public sealed record NewImage(Guid Id, string Name, string ProjectId, string UserId, string DiskFormat, string ContainerFormat, int MinDisk, int MinRam, IReadOnlyDictionary<string, string> Properties);
