namespace Nephos.Image.Cache;

/// <summary>Copies of images' data on this host: what a store elsewhere has is read from it once.</summary>
internal sealed class ImageCache
{
    private const string Unfinished = ".part";
    private readonly CacheTable _table;
    private readonly string _folder;

    public ImageCache(CacheTable table, ImageOptions options)
    {
        (_table, _folder) = (table, options.CacheFolder ?? Path.Combine(options.Staging, "cache"));
        Directory.CreateDirectory(_folder);
        foreach (var leftover in Directory.EnumerateFiles(_folder, "*" + Unfinished)) File.Delete(leftover);
    }

    /// <summary>The copy from a byte on; null if there is none.</summary>
    public async Task<Stream?> Open(Guid image, long from)
    {
        FileStream file;
        try { file = new FileStream(PathOf(image), new FileStreamOptions { Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan }); }
        catch (FileNotFoundException) { return null; }
        try
        {
            await _table.Read(image);
            file.Position = from;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Keeps what a writer writes, if it says that it is right.</summary>
    public async Task<bool> Keep(Guid image, Func<Stream, Task<bool>> write)
    {
        var temporary = PathOf(image) + Unfinished;
        try
        {
            bool right;
            await using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous)) right = await write(file);
            if (!right) return false;
            File.Move(temporary, PathOf(image), overwrite: true);
            if (await _table.Kept(image, new FileInfo(PathOf(image)).Length)) return true;
            File.Delete(PathOf(image));
            return false;
        }
        finally { File.Delete(temporary); }
    }

    /// <summary>Removes the copy, or the wish for one; false if there was none.</summary>
    public async Task<bool> Remove(Guid image)
    {
        File.Delete(PathOf(image));
        return await _table.Remove(image);
    }

    /// <summary>Images with copies here.</summary>
    public IReadOnlyList<Guid> Files() =>
        [.. Directory.EnumerateFiles(_folder).Select(f => Guid.TryParseExact(Path.GetFileName(f), "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty)];

    private string PathOf(Guid image) => Path.Combine(_folder, image.ToString());
}
