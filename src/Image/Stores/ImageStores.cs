using Nephos.Contracts.Drivers;
using Nephos.Image.Images;

namespace Nephos.Image.Stores;

/// <summary>The stores of this cloud.</summary>
internal sealed class ImageStores
{
    public ImageStores(IEnumerable<NamedStore> stores, ImageOptions options)
    {
        All = [.. stores];
        Default = options.DefaultStore is { } id
            ? Find(id) ?? throw new InvalidOperationException($"The default store {id} is not among the stores {string.Join(", ", All.Select(s => s.Id))}.")
            : All[0];
    }

    /// <summary>In the operator's order.</summary>
    public IReadOnlyList<NamedStore> All { get; }

    public NamedStore Default { get; }

    public NamedStore? Find(string id) => All.FirstOrDefault(s => s.Id == id);

    /// <summary>Opens an image's data in the first of its stores that has it, the default one before others; null if none has.</summary>
    public async Task<Stream?> Open(StoredImage image, long from, CancellationToken ct)
    {
        foreach (var store in Of(image))
            if (await store.Store.Open(image.Id, from, ct) is { } data) return data;
        return null;
    }

    /// <summary>A file of this host with an image's data, if one of its stores has such; else null.</summary>
    public string? LocalPath(StoredImage image) => Of(image).Select(s => s.Store.LocalPath(image.Id)).FirstOrDefault(path => path is not null);

    private IEnumerable<NamedStore> Of(StoredImage image) =>
        image.Locations.Select(l => Find(l.Store)).OfType<NamedStore>().OrderBy(s => s.Id != Default.Id);
}
