using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Stores;

namespace Nephos.Image.Exports;

/// <summary>
/// Makes files of images in other formats. A file loses its name before its first byte is sent, so that it is gone with whoever reads it,
/// however that ends; what was being made when the program ended goes at its next start.
/// </summary>
internal sealed class ExportFiles : IDisposable
{
    /// <summary>Each takes as much space as the image.</summary>
    public const int AtOnce = 4;

    private readonly SemaphoreSlim _free = new(AtOnce);
    private readonly IImageTools _tools;
    private readonly ImageStores _stores;
    private readonly bool _strict;
    private readonly string _folder;

    public ExportFiles(ImageOptions options, IImageTools tools, ImageStores stores)
    {
        (_tools, _stores, _strict, _folder) = (tools, stores, options.RequireFormatMatch, Path.Combine(options.Staging, "exports"));
        Directory.CreateDirectory(_folder);
        foreach (var left in Directory.EnumerateFiles(_folder)) File.Delete(left);
    }

    /// <summary>A file without a name that holds the image.</summary>
    public async Task<Export> Make(StoredImage image, string target, CancellationToken ct)
    {
        if (!await _free.WaitAsync(TimeSpan.Zero, ct)) throw ExportErrors.TooMany(AtOnce);
        var (fetched, made) = (NewPath(), NewPath());
        try
        {
            await _tools.Convert(_stores.LocalPath(image) ?? await Fetch(image, fetched, ct), image.Row.DiskFormat!, made, target, null, ct);
            var size = (await _tools.Inspect(made, ct)).VirtualSize;
            return new Export(new FileStream(made, new FileStreamOptions { Share = FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan }), size, _free);
        }
        catch
        {
            _free.Release();
            throw;
        }
        finally
        {
            File.Delete(fetched);
            File.Delete(made);
        }
    }

    public void Dispose() => _free.Dispose();

    private string NewPath() => Path.Combine(_folder, NewId.Hex());

    private async Task<string> Fetch(StoredImage image, string path, CancellationToken ct)
    {
        await using var data = await _stores.Open(image, 0, ct) ?? throw ExportErrors.NoData();
        await using (var file = File.Create(path)) await data.CopyToAsync(file, 1 << 20, ct);
        // What others keep was never looked at before.
        FormatCheck.AtLast(await _tools.Inspect(path, ct), image.Row.DiskFormat!, image.Row.ContainerFormat!, _strict);
        return path;
    }
}

/// <summary>An exported image.</summary>
/// <param name="File">Its bytes.</param>
/// <param name="VirtualSize">Bytes a guest sees.</param>
/// <param name="Place">Given back at the end.</param>
internal sealed record Export(FileStream File, long VirtualSize, SemaphoreSlim Place) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await File.DisposeAsync();
        Place.Release();
    }
}
