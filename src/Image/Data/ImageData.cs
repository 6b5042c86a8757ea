using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Images;

namespace Nephos.Image.Data;

/// <summary>
/// The bytes of images: a row says <c>saving</c> or <c>uploading</c> and by whom while they come, so that an upload that died is noticed
/// and undone.
/// </summary>
internal sealed class ImageData(ImageTable images, WriterTable writers, IImageStore store, IImageTools tools, ImageLimits limits)
{
    /// <summary>The store's name as clients see it.</summary>
    public string StoreName => store.Name;

    public Task<Stream?> Open(Guid image, CancellationToken ct) => store.Open(image, ct);

    public Task Remove(Guid image, CancellationToken ct) => store.Remove(image, ct);

    /// <summary>Stores the data and activates the image.</summary>
    public async Task Upload(StoredImage image, Stream source, long? length, CancellationToken ct)
    {
        RequireFormats(image.Row, "saving");
        var facts = await Receive(image, "saving", source, length, ct);
        if (!await writers.Finish(image.Id, "saving", "active", facts)) throw await Discard(image.Id);
    }

    /// <summary>Stores the data aside for an import.</summary>
    public async Task Stage(StoredImage image, Stream source, long? length, CancellationToken ct)
    {
        var facts = await Receive(image, "uploading", source, length, ct);
        if (!await writers.Stage(image.Id, facts)) throw await Discard(image.Id);
    }

    /// <summary>Makes staged data the image's.</summary>
    public async Task Import(StoredImage image, Func<Task> alongside)
    {
        if (!await writers.Import(image.Id, image.Row.Staged!, alongside)) throw Errors.Import("Image needs to be staged before 'glance-direct' method can be used");
    }

    public static void RequireFormats(ImageRow row, string status)
    {
        if (row.Status != "queued") throw Errors.Transition(row.Status, status);
        var missing = new List<string>(2);
        if (row.DiskFormat is null) missing.Add("disk_format");
        if (row.ContainerFormat is null) missing.Add("container_format");
        if (missing.Count > 0) throw Errors.MissingFormats(missing);
    }

    private async Task<DataFacts> Receive(StoredImage image, string status, Stream source, long? length, CancellationToken ct)
    {
        if (image.Row.Status != "queued") throw Errors.Transition(image.Row.Status, status);
        if (length > limits.MaxImage) throw Errors.TooLarge();
        if (limits.ProjectBytes is { } quota && await writers.BytesOf(image.Row.Owner) is var used && used >= quota) throw Errors.QuotaFull(used, quota);
        if (!await writers.Begin(image.Id, status))
            throw await images.Find(image.Id) is { } now ? Errors.Transition(now.Row.Status, status) : Errors.NoImage(image.Id.ToString());
        try
        {
            using var alive = new Pulse(writers, image.Id);
            return await Store(image, source, length, ct);
        }
        catch (Exception e)
        {
            // The image may be asked for again at once; the client that went away must not stop this.
            await store.Remove(image.Id, CancellationToken.None);
            await writers.GiveUp(image.Id);
            throw Translated(e);
        }
    }

    private async Task<DataFacts> Store(StoredImage image, Stream source, long? length, CancellationToken ct)
    {
        await using var writer = await store.Create(image.Id, ct);
        var (size, md5, sha) = await DigestPipe.Copy(source, writer, limits.MaxImage, ct);
        if (length is { } promised && promised != size) throw Errors.ShortBody();
        var virtualSize = writer.Path is { } path && size > 0 ? await Inspect(path, image.Row.DiskFormat, ct) : (long?)null;
        await writer.Commit(ct);
        return new DataFacts(size, virtualSize, md5, sha);
    }

    // What no inspector knows is taken as it is: it cannot be mistaken for something else later. What is known must be what it claims.
    private async Task<long?> Inspect(string path, string? claimed, CancellationToken ct)
    {
        var facts = await tools.Inspect(path, ct);
        if (facts.Danger is { } danger) throw Errors.Dangerous(danger);
        if (claimed is null) return null;
        if (facts.Format is not "raw" && !SameFormat(claimed, facts.Format)) throw Errors.WrongFormat(claimed, facts.Format);
        return facts.Format == "raw" && claimed is not ("raw" or "ami" or "ari" or "aki" or "iso") ? null : facts.VirtualSize;
    }

    private static bool SameFormat(string claimed, string real) => claimed == real || (claimed, real) switch
    {
        ("vhd", "vpc") or ("raw" or "ami", "gpt" or "mbr" or "iso" or "luks") or ("ari" or "aki", "gpt" or "mbr") => true,
        _ => false,
    };

    private async Task<Fault> Discard(Guid id)
    {
        await store.Remove(id, CancellationToken.None);
        return Errors.GoneMeanwhile(id);
    }

    private static Exception Translated(Exception e) => e is IOException { HResult: var code } && (code & 0xFFFF) == 28 ? Errors.StoreFull()
        : e is Microsoft.AspNetCore.Http.BadHttpRequestException ? Errors.ShortBody() : e;
}

/// <summary>How much may be stored.</summary>
/// <param name="MaxImage">Bytes of one image (upstream's default: 1 TiB).</param>
/// <param name="ProjectBytes">Bytes of a project's images together; null: no limit.</param>
internal sealed record ImageLimits(long MaxImage = 1L << 40, long? ProjectBytes = null);
