namespace Nephos.Contracts;

/// <summary>
/// What Compute's oldest API may ask of Image: nova's proxies, as they were before clients asked Image themselves. Image's own rules are
/// asked about the caller (<see cref="FaultKind.Forbidden"/>).
/// </summary>
public interface IImageCatalog
{
    /// <summary>A page of the images that the caller may see.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="query">Filters, <c>limit</c> and <c>marker</c> as Image's own list has them.</param>
    /// <param name="ct">Cancels.</param>
    Task<IReadOnlyList<ImageInfo>> List(Caller caller, IReadOnlyDictionary<string, string> query, CancellationToken ct);

    /// <summary>One by id; null if there is none that the caller may see.</summary>
    Task<ImageInfo?> Find(Caller caller, Guid id, CancellationToken ct);

    /// <summary>Replaces an image's custom properties if they still are what was read; false if somebody changed them meanwhile.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="id">The image.</param>
    /// <param name="read">The properties as <see cref="Find"/> gave them.</param>
    /// <param name="wanted">The properties to have from now on.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="Fault"><see cref="FaultKind.NotFound"/>; a name that is no custom property's.</exception>
    Task<bool> ReplaceProperties(Caller caller, Guid id, IReadOnlyDictionary<string, string> read, IReadOnlyDictionary<string, string> wanted, CancellationToken ct);

    /// <summary>Deletes an image and its data.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.NotFound"/>; <see cref="FaultKind.Forbidden"/> for a protected one.</exception>
    Task Delete(Caller caller, Guid id, CancellationToken ct);
}
