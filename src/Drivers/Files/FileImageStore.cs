using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Files;

/// <summary>Images as files of one folder, named by their ids. A file gets its name only when its bytes are on the disk.</summary>
public sealed class FileImageStore : IImageStore
{
    const string Unfinished = ".part";
    const int NoSpace = 28, QuotaFull = 122;
    readonly string folder;

    /// <param name="folder">Made if absent. Unfinished writes of an earlier life are swept out.</param>
    public FileImageStore(string folder)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        foreach (var leftover in Directory.EnumerateFiles(folder, "*" + Unfinished)) File.Delete(leftover);
    }

    public string Type => "file";

    public IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string> { ["data_dir"] = folder };

    public string UrlOf(Guid image) => "file://" + PathOf(image);

    public async Task Put(Guid image, string path, Action<long>? written, CancellationToken ct)
    {
        var temporary = Path.Combine(folder, $"{image}.{NewId.Hex()}{Unfinished}");
        try
        {
            // On one file system the blocks are shared; between two the kernel copies, sharing them where it can.
            if (!Libc.Link(path, temporary)) await Task.Run(() => File.Copy(path, temporary), ct);
            ct.ThrowIfCancellationRequested();
            await Task.Run(() => Sync(temporary), ct);
            File.Move(temporary, PathOf(image), overwrite: true);
            Libc.SyncFolder(folder);
        }
        catch (IOException e) when ((e.HResult & 0xffff) is NoSpace or QuotaFull)
        {
            throw new Fault(FaultKind.TooLarge, "StorageFull", "There is not enough disk space on the image storage media.");
        }
        finally
        {
            File.Delete(temporary);
        }
        written?.Invoke(new FileInfo(PathOf(image)).Length);
    }

    public Task<Stream?> Open(Guid image, long from, CancellationToken ct)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(image), new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0,
            })
            { Position = from });
        }
        catch (FileNotFoundException) { return Task.FromResult<Stream?>(null); }
    }

    public string? LocalPath(Guid image) => File.Exists(PathOf(image)) ? PathOf(image) : null;

    public Task Remove(Guid image, CancellationToken ct)
    {
        if (File.Exists(PathOf(image)))
        {
            File.Delete(PathOf(image));
            Libc.SyncFolder(folder);
        }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Guid>> List(CancellationToken ct) => Task.FromResult<IReadOnlyList<Guid>>(
        [.. Directory.EnumerateFiles(folder).Select(f => Guid.TryParseExact(Path.GetFileName(f), "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty)]);

    string PathOf(Guid image) => Path.Combine(folder, image.ToString());

    static void Sync(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
        // Also readable for the unprivileged tools; written by nobody any more.
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}
