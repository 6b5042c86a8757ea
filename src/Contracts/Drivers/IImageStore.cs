namespace Nephos.Contracts.Drivers;

/// <summary>Keeps the data of images by their ids. What is put is durable when the call returns; putting again replaces, removing nothing succeeds.</summary>
public interface IImageStore
{
    /// <summary>Upstream's name of the kind: <c>file</c>, <c>swift</c>.</summary>
    string Type { get; }

    /// <summary>False where others keep the data, and images' locations say where: nothing is put there or removed.</summary>
    bool IsWritable => true;

    /// <summary>Settings an administrator may see; never a secret.</summary>
    IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>Where the data of an image is, as locations show it; never a secret.</summary>
    string UrlOf(Guid image);

    /// <summary>Keeps what is in a file of this host. The file stays, and is never written again: a store may share its blocks.</summary>
    /// <param name="image">The image.</param>
    /// <param name="path">The file.</param>
    /// <param name="content">A name that only these bytes have, so that a store may keep them once however often they are put; null if there is none.</param>
    /// <param name="written">Told how many bytes of it are kept so far; null where nobody asks.</param>
    /// <param name="ct">Stops it; nothing is left then.</param>
    /// <exception cref="Fault"><see cref="FaultKind.TooLarge"/> when the store is full, <see cref="FaultKind.Unavailable"/> when it cannot be reached.</exception>
    Task Put(Guid image, string path, string? content, Action<long>? written, CancellationToken ct);

    /// <summary>Opens the data for reading from a byte on; null if absent.</summary>
    Task<Stream?> Open(Guid image, long from, CancellationToken ct);

    /// <summary>Path of the data on this host, to be read only, if it has one; else null.</summary>
    string? LocalPath(Guid image);

    /// <summary>Removes the data.</summary>
    Task Remove(Guid image, CancellationToken ct);

    /// <summary>Images with data here, for reconciling.</summary>
    Task<IReadOnlyList<Guid>> List(CancellationToken ct);
}
