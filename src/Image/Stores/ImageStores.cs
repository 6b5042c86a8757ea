using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Images;
using Nephos.Image.Web;

namespace Nephos.Image.Stores;

/// <summary>The stores of this cloud.</summary>
internal sealed class ImageStores
{
    private readonly WebReader _web;

    public ImageStores(IEnumerable<NamedStore> stores, ImageOptions options, WebReader web)
    {
        _web = web;
        All = [.. stores];
        Writable = [.. All.Where(s => s.Store.IsWritable)];
        Http = All.FirstOrDefault(s => !s.Store.IsWritable);
        Default = options.DefaultStore is { } id
            ? Writable.FirstOrDefault(s => s.Id == id) ?? throw new InvalidOperationException($"The default store {id} is not among the stores {string.Join(", ", Writable.Select(s => s.Id))}.")
            : Writable is [var first, ..] ? first : throw new InvalidOperationException("There is no store that data can be put into.");
    }

    /// <summary>In the operator's order.</summary>
    public IReadOnlyList<NamedStore> All { get; }

    /// <summary>Those that data can be put into.</summary>
    public IReadOnlyList<NamedStore> Writable { get; }

    /// <summary>The one that stands for data of web servers, if the operator wants that.</summary>
    public NamedStore? Http { get; }

    public NamedStore Default { get; }

    public NamedStore? Find(string id) => All.FirstOrDefault(s => s.Id == id);

    /// <summary>Opens an image's data in the first of its stores that has it, the default one before others, web servers last; null if none has.</summary>
    public async Task<Stream?> Open(StoredImage image, long from, CancellationToken ct)
    {
        foreach (var store in Of(image))
            if (await store.Store.Open(image.Id, from, ct) is { } data) return data;
        return image.Locations.FirstOrDefault(l => l.Url.Length > 0) is { } location ? await Located(image.Row, location.Url, from, ct) : null;
    }

    /// <summary>A file of this host with an image's data, if one of its stores has such; else null.</summary>
    public string? LocalPath(StoredImage image) => Of(image).Select(s => s.Store.LocalPath(image.Id)).FirstOrDefault(path => path is not null);

    /// <summary>Where a location's data is, for those who may know; null in a store that is no more.</summary>
    public string? UrlOf(LocationRow location) => location.Url.Length > 0 ? location.Url : Find(location.Store)?.Store.UrlOf(location.ImageId);

    /// <summary>The store that stands for what is at a URL; refuses one that can be no image's place.</summary>
    public NamedStore ForUrl(StoredImage image, string url)
    {
        if (Http is not { } store) throw Errors.BadLocation($"{WebReader.Shown(url)} (this cloud has no store of the kind http)");
        if (!IsOfWeb(url)) throw Errors.BadLocation($"{WebReader.Shown(url)} (only URLs of web servers may be given)");
        if (image.Properties.ContainsKey("img_signature")) throw Errors.BadLocation($"{WebReader.Shown(url)} (what others keep cannot be held against the image's signature)");
        return store;
    }

    /// <summary>Whether a URL leads to a web server.</summary>
    public static bool IsOfWeb(string url) => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private async Task<Stream?> Located(ImageRow row, string url, long from, CancellationToken ct)
    {
        Stream bytes;
        try { bytes = (await _web.Open(url, from, ct)).Bytes; }
        catch (Fault e) { throw Fault.Unavailable(e.Message); }
        // Others may change what they keep.
        return from == 0 && row is { OsHashAlgo: { } algorithm, OsHashValue: { } hash } ? new VerifiedStream(bytes, algorithm, hash, url) : bytes;
    }

    private IEnumerable<NamedStore> Of(StoredImage image) =>
        image.Locations.Select(l => Find(l.Store)).OfType<NamedStore>().OrderBy(s => s.Id != Default.Id);
}
