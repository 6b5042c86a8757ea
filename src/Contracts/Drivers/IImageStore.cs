namespace Nephos.Contracts.Drivers;

/// <summary>Keeps the bytes of images by id. What is put is durable (fsync) when the call returns.</summary>
public interface IImageStore
{
    /// <summary>The name shown as <c>stores</c>.</summary>
    string Name { get; }

    /// <summary>Opens a place to write; nothing is visible before <see cref="IImageWriter.Commit"/>.</summary>
    Task<IImageWriter> Create(Guid image, CancellationToken ct);

    /// <summary>Opens the data for reading, seekable; null if absent.</summary>
    Task<Stream?> Open(Guid image, CancellationToken ct);

    /// <summary>Path of the data on this host if it has one (a driver may then read it without copying); else null.</summary>
    string? LocalPath(Guid image);

    /// <summary>Removes the data; nothing there succeeds.</summary>
    Task Remove(Guid image, CancellationToken ct);

    /// <summary>Images with data here, for reconciling.</summary>
    Task<IReadOnlyList<Guid>> List(CancellationToken ct);
}

/// <summary>An image being written. Disposing without <see cref="Commit"/> leaves nothing.</summary>
public interface IImageWriter : IAsyncDisposable
{
    /// <summary>Appends.</summary>
    ValueTask Write(ReadOnlyMemory<byte> data, CancellationToken ct);

    /// <summary>Path of what is written so far if it is a file, so that it can be inspected before it is committed; else null.</summary>
    string? Path { get; }

    /// <summary>Makes it visible and durable.</summary>
    Task Commit(CancellationToken ct);
}
