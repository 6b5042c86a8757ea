using System.Collections.Concurrent;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Image.Tests;

/// <summary>Keeps data in temporary files, so that it can be inspected; writes can be made to fail.</summary>
internal sealed class MemoryStore : IImageStore, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nephos-images-").FullName;

    public ConcurrentDictionary<Guid, byte[]> Data { get; } = [];

    /// <summary>Thrown by the next write.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Runs between the last write and the commit.</summary>
    public Func<Task>? BeforeCommit { get; set; }

    public string Name => "file";

    public Task<IImageWriter> Create(Guid image, CancellationToken ct) => Task.FromResult<IImageWriter>(new Writer(this, image, Path.Combine(_folder, image.ToString())));

    public Task<Stream?> Open(Guid image, CancellationToken ct) => Task.FromResult<Stream?>(Data.TryGetValue(image, out var bytes) ? new MemoryStream(bytes, writable: false) : null);

    public string? LocalPath(Guid image) => null;

    public Task Remove(Guid image, CancellationToken ct)
    {
        Data.TryRemove(image, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Guid>> List(CancellationToken ct) => Task.FromResult<IReadOnlyList<Guid>>([.. Data.Keys]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Writer(MemoryStore store, Guid image, string path) : IImageWriter
    {
        private readonly FileStream _file = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, 0);

        public string? Path => path;

        public ValueTask Write(ReadOnlyMemory<byte> data, CancellationToken ct) => store.Failure is { } failure ? throw failure : _file.WriteAsync(data, ct);

        public async Task Commit(CancellationToken ct)
        {
            if (store.BeforeCommit is { } hook) await hook();
            await _file.DisposeAsync();
            store.Data[image] = await File.ReadAllBytesAsync(path, ct);
        }

        public async ValueTask DisposeAsync()
        {
            await _file.DisposeAsync();
            File.Delete(path);
        }
    }
}

/// <summary>Knows two formats by their first bytes: <c>QFI</c> is qcow2, <c>BAD</c> is dangerous.</summary>
internal sealed class FakeTools : IImageTools
{
    public async Task<ImageFacts> Inspect(string path, CancellationToken ct)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var head = new byte[3];
        await file.ReadAtLeastAsync(head, 3, throwOnEndOfStream: false, ct);
        return head.AsSpan().SequenceEqual("QFI"u8) ? new ImageFacts("qcow2", 1 << 30, null)
            : head.AsSpan().SequenceEqual("BAD"u8) ? new ImageFacts("qcow2", 1 << 30, "it has a backing file") : new ImageFacts("raw", file.Length, null);
    }

    public Task Convert(string source, string sourceFormat, string target, string targetFormat, CancellationToken ct) => throw new NotSupportedException();
}
