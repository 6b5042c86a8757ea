using System.Collections.Concurrent;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;

namespace Nephos.Node.Storage;

/// <summary>
/// Images on this node. A base is raw, named by the hash of the image's data, read-only, and appears under its name only when it is whole
/// and on disk. A user's file never becomes a base before our own inspector found it harmless.
/// </summary>
internal sealed class BaseCache
{
    // What is being made lies in the same folder, so that it can be renamed.
    private const string Unfinished = ".unfinished";
    private static readonly TimeSpan Rest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Spare = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _working = [];
    private readonly INodeLink _link;
    private readonly IImageTools _tools;
    private readonly IHypervisor _hypervisor;
    private readonly ServerRecords _records;
    private readonly TimeProvider _time;
    private readonly string _folder;

    public BaseCache(INodeLink link, IImageTools tools, IHypervisor hypervisor, ServerRecords records, NodeOptions options, TimeProvider time)
    {
        (_link, _tools, _hypervisor, _records, _time, _folder) = (link, tools, hypervisor, records, time, Path.Combine(options.StateFolder, "bases"));
        Directory.CreateDirectory(_folder);
        // Emulators and the tools that read images are other users: they open what they are told, and see nothing else.
        System.IO.File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        // What an earlier life did not finish.
        foreach (var file in Directory.EnumerateFiles(_folder, $"*{Unfinished}*")) System.IO.File.Delete(file);
    }

    /// <summary>Path of the raw base of an image, which a disk of some size is laid over.</summary>
    public Task<string> Disk(Guid image, string hash, string format, long size, CancellationToken ct) =>
        Once($"{Clean(hash)}.raw", path => Fetch(image, path, format, size, ct));

    /// <summary>Path of an image's data as it is (kernel, ramdisk).</summary>
    public Task<string> File(Guid image, CancellationToken ct) => Once($"{image}.file", path => Fetch(image, path, null, long.MaxValue, ct));

    /// <summary>Gives up what nobody needs, again and again.</summary>
    public async Task Run(CancellationToken ct)
    {
        await Sweep(ct);
        await Task.Delay(Rest, _time, ct);
    }

    /// <summary>A base that was asked for by nobody for a day goes, unless a guest of this host names it.</summary>
    public async Task Sweep(CancellationToken ct)
    {
        if (_records.BasesOf((await _hypervisor.List(ct)).Select(g => g.Id)) is not { } named) return;
        foreach (var file in Directory.EnumerateFiles(_folder))
            if (!named.Contains(file) && _time.GetUtcNow() - System.IO.File.GetLastAccessTimeUtc(file) > Spare && !_working.ContainsKey(Path.GetFileName(file)))
                System.IO.File.Delete(file);
    }

    private async Task<string> Once(string name, Func<string, Task> make)
    {
        var path = Path.Combine(_folder, name);
        if (System.IO.File.Exists(path))
        {
            // Who mounted the file system may have switched access times off, and until the guest is written down this alone holds the file.
            System.IO.File.SetLastAccessTimeUtc(path, _time.GetUtcNow().UtcDateTime);
            return path;
        }
        var work = _working.GetOrAdd(name, _ => new Lazy<Task<string>>(async () => { await make(path); return path; }));
        try { return await work.Value; }
        finally { _working.TryRemove(new(name, work)); }
    }

    private async Task Fetch(Guid image, string path, string? format, long size, CancellationToken ct)
    {
        var (download, raw) = ($"{path}.{NewId.Uuid():N}{Unfinished}", $"{path}.{NewId.Uuid():N}{Unfinished}");
        try
        {
            await Download(image, download, ct);
            if (format is null || format is "raw" or "ami" or "aki" or "ari" or "iso") System.IO.File.Move(download, raw);
            else
            {
                var facts = await _tools.Inspect(download, ct);
                if (facts.Danger is { } danger) throw Fault.Invalid($"Image {image} is unacceptable: {danger}");
                if (facts.Format != format) throw Fault.Invalid($"Image {image} claims the format {format} and is {facts.Format}.");
                // Nobody measured data that others keep before it came here.
                if (facts.VirtualSize > size) throw Fault.Invalid($"Flavor's disk is too small for requested image {image}. Flavor disk is {size} bytes, image is {facts.VirtualSize} bytes.");
                await _tools.Convert(download, format, raw, "raw", null, ct);
            }
            Sync(raw);
            System.IO.File.SetUnixFileMode(raw, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            System.IO.File.Move(raw, path, overwrite: true);
        }
        finally
        {
            System.IO.File.Delete(download);
            System.IO.File.Delete(raw);
        }
    }

    private async Task Download(Guid image, string to, CancellationToken ct)
    {
        await using var from = await _link.OpenImage(image, ct);
        // A file of this host: the runtime clones it where the file system can. Not another name of it: a base is nobody else's to change.
        if (from is FileStream local) await Task.Run(() => System.IO.File.Copy($"/proc/self/fd/{local.SafeFileHandle.DangerousGetHandle()}", to), ct);
        else
        {
            await using var file = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20, FileOptions.Asynchronous);
            await from.CopyToAsync(file, 1 << 20, ct);
        }
        System.IO.File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static void Sync(string path)
    {
        using var handle = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    // The hash comes over the link; it must stay a file name.
    private static string Clean(string hash) => hash.Length is > 15 and <= 128 && hash.All(char.IsAsciiHexDigit)
        ? hash : throw Fault.Invalid($"'{hash}' is not a hash.");
}
