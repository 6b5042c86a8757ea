using System.Collections.Concurrent;
using Nephos.Contracts.Drivers;

namespace Nephos.Image.Tests;

/// <summary>Keeps data in memory; writes can be made to fail, and to wait.</summary>
internal sealed class MemoryStore : IImageStore
{
    public ConcurrentDictionary<Guid, byte[]> Data { get; } = [];

    /// <summary>What images' bytes are called.</summary>
    public ConcurrentDictionary<Guid, string?> Contents { get; } = [];

    /// <summary>Thrown by the next writes.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Runs before the data is there.</summary>
    public Func<CancellationToken, Task>? BeforeCommit { get; set; }

    public string Type => "memory";

    public IReadOnlyDictionary<string, string> Properties => new Dictionary<string, string> { ["size"] = "small" };

    public string UrlOf(Guid image) => $"memory://{image}";

    public async Task Put(Guid image, string path, string? content, Action<long>? written, CancellationToken ct)
    {
        if (Failure is { } failure) throw failure;
        if (BeforeCommit is { } hook) await hook(ct);
        (Data[image], Contents[image]) = (await File.ReadAllBytesAsync(path, ct), content);
        written?.Invoke(Data[image].Length);
    }

    public Task<Stream?> Open(Guid image, long from, CancellationToken ct) =>
        Task.FromResult<Stream?>(Data.TryGetValue(image, out var bytes) ? new MemoryStream(bytes, (int)from, bytes.Length - (int)from, writable: false) : null);

    public string? LocalPath(Guid image) => null;

    public Task Remove(Guid image, CancellationToken ct)
    {
        Data.TryRemove(image, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Guid>> List(CancellationToken ct) => Task.FromResult<IReadOnlyList<Guid>>([.. Data.Keys]);
}
