using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Http;

/// <summary>
/// Data that others keep on web servers: an image's location says where. Nothing of this cloud is kept here, and nothing there is ever changed.
/// </summary>
public sealed class HttpImageStore : IImageStore
{
    public string Type => "http";

    public bool IsWritable => false;

    public IReadOnlyDictionary<string, string> Properties { get; } = new Dictionary<string, string>();

    public string UrlOf(Guid image) => "";

    public Task Put(Guid image, string path, string? content, Action<long>? written, CancellationToken ct) =>
        throw new Fault(FaultKind.Gone, "HTTPGone", "Error in store configuration. Adding images to store is disabled.");

    public Task<Stream?> Open(Guid image, long from, CancellationToken ct) => Task.FromResult<Stream?>(null);

    public string? LocalPath(Guid image) => null;

    public Task Remove(Guid image, CancellationToken ct) => Task.CompletedTask;

    public Task<IReadOnlyList<Guid>> List(CancellationToken ct) => Task.FromResult<IReadOnlyList<Guid>>([]);
}
