using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Files;

/// <summary>
/// Images as files of one folder, named by their ids. A file gets its name only when its bytes are on the disk. The same bytes are one file with
/// several names (hard links), one of them in the folder <c>contents</c>, by which the next ones find it: that name alone keeps nothing.
/// </summary>
public sealed class FileImageStore : IImageStore
{
    const string Unfinished = ".part";
    const int NoSpace = 28, QuotaFull = 122;
    readonly string folder, contents;

    /// <param name="folder">Made if absent. Unfinished writes of an earlier life are swept out.</param>
    public FileImageStore(string folder)
    {
        (this.folder, contents) = (folder, Path.Combine(folder, "contents"));
        Directory.CreateDirectory(contents);
        foreach (var leftover in Directory.EnumerateFiles(folder, "*" + Unfinished)) File.Delete(leftover);
        Sweep();
    }

    public string Type => "file";

    public IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string> { ["data_dir"] = folder };

    public string UrlOf(Guid image) => "file://" + PathOf(image);

    public async Task Put(Guid image, string path, string? content, Action<long>? written, CancellationToken ct)
    {
        var temporary = NewName(image);
        try
        {
            // On one file system it gets one name more; else the runtime clones it, and copies where that cannot be either.
            if (!Libc.Link(path, temporary)) await Task.Run(() => File.Copy(path, temporary), ct);
            ct.ThrowIfCancellationRequested();
            // Also of bytes that are here already: how long it takes must not tell.
            await Task.Run(() => Sync(temporary), ct);
            if (content is not null) Share(temporary, content, NewName(image));
            var before = Libc.Facts(PathOf(image));
            File.Move(temporary, PathOf(image), overwrite: true);
            if (before.Links > 0) Sweep(before.Size);
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
        var gone = Libc.Facts(PathOf(image));
        if (gone.Links > 0)
        {
            File.Delete(PathOf(image));
            Sweep(gone.Size);
            Libc.SyncFolder(folder);
        }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Guid>> List(CancellationToken ct) => Task.FromResult<IReadOnlyList<Guid>>(
        [.. Directory.EnumerateFiles(folder).Select(f => Guid.TryParseExact(Path.GetFileName(f), "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty)]);

    string PathOf(Guid image) => Path.Combine(folder, image.ToString());

    string NewName(Guid image) => Path.Combine(folder, $"{image}.{NewId.Hex()}{Unfinished}");

    /// <summary>Puts another name of the bytes that are known in place of a file with the same ones, or makes that file known.</summary>
    void Share(string file, string content, string spare)
    {
        var size = Libc.Facts(file).Size;
        var known = Path.Combine(contents, $"{size}-{content}");
        try
        {
            // Who is just too late to be the first finds the first the second time.
            for (var attempt = 0; attempt < 2; attempt++)
            {
                if (Libc.Link(file, known)) return;
                if (!Libc.Link(known, spare)) continue;
                if (Libc.Facts(spare).Size == size)
                {
                    File.Move(spare, file, overwrite: true);
                    return;
                }
                File.Delete(spare);
            }
            // It has as many names as the file system allows, or is damaged: the next ones find this file.
            if (Libc.Link(file, spare)) File.Move(spare, known, overwrite: true);
        }
        finally { File.Delete(spare); }
    }

    /// <summary>Gives up contents that no image has, only those of a size where it is known. One that gets a name in this very moment is only not found by the next.</summary>
    void Sweep(long? size = null)
    {
        foreach (var content in Directory.EnumerateFiles(contents, size is null ? "*" : $"{size}-*"))
            if (Libc.Facts(content).Links == 1) File.Delete(content);
    }

    static void Sync(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
        // Also readable for the unprivileged tools; written by nobody any more.
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}
