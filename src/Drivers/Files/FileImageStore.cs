using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Files;

/// <summary>Images as files of one folder, named by their ids. A file gets its name only when its bytes are on the disk.</summary>
public sealed class FileImageStore : IImageStore
{
    const string Unfinished = ".part";
    readonly string folder;

    /// <param name="folder">Made if absent. Unfinished writes of an earlier life are swept out.</param>
    public FileImageStore(string folder)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        foreach (var leftover in Directory.EnumerateFiles(folder, "*" + Unfinished)) File.Delete(leftover);
    }

    public string Name => "file";

    public Task<IImageWriter> Create(Guid image, CancellationToken ct) =>
        Task.FromResult<IImageWriter>(new Writer(Path.Combine(folder, $"{image}.{NewId.Hex()}{Unfinished}"), PathOf(image)));

    public Task<Stream?> Open(Guid image, CancellationToken ct)
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
            }));
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

    sealed class Writer(string temporary, string final) : IImageWriter
    {
        readonly FileStream file = new(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
        bool committed;

        public string Path => temporary;

        public ValueTask Write(ReadOnlyMemory<byte> data, CancellationToken ct) => file.WriteAsync(data, ct);

        public async Task Commit(CancellationToken ct)
        {
            // fsync of gigabytes takes seconds: not on the caller's thread.
            await Task.Run(() => file.Flush(flushToDisk: true), ct);
            await file.DisposeAsync();
            File.Move(temporary, final, overwrite: true);
            committed = true;
            Libc.SyncFolder(System.IO.Path.GetDirectoryName(final)!);
        }

        public async ValueTask DisposeAsync()
        {
            await file.DisposeAsync();
            if (!committed) File.Delete(temporary);
        }
    }
}
