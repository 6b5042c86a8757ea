using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Xunit;

namespace Nephos.Testing;

/// <summary>What every image store promises. A fault found with one first becomes a test here, which the others and the fake fail too.</summary>
public abstract class ImageStoreContract : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("nephos-test-").FullName;
    private readonly Guid image = NewId.Uuid();

    /// <summary>A store over the same place as the last one of this test: what a restart of the program does.</summary>
    protected abstract Task<IImageStore> Open();

    /// <summary>A folder of this test.</summary>
    protected string Folder => folder;

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
        return default;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_000)]
    public async Task What_is_put_is_read_back_also_from_the_middle_and_after_a_restart(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        var told = -1L;
        await (await Open()).Put(image, File(bytes), null, n => told = n, default);
        Assert.Equal(length, told);
        var store = await Open();
        Assert.Equal(bytes, await Read(store, 0));
        Assert.Equal(bytes[(length / 2)..], await Read(store, length / 2));
        Assert.Equal([image], await store.List(default));
        if (store.LocalPath(image) is { } path) Assert.Equal(bytes, await System.IO.File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task The_source_stays_and_putting_again_replaces()
    {
        var store = await Open();
        var (one, two) = (File("one"u8.ToArray()), File("longer"u8.ToArray()));
        await store.Put(image, one, null, null, default);
        await store.Put(image, two, null, null, default);
        Assert.Equal("longer"u8.ToArray(), await Read(store, 0));
        Assert.Equal("one"u8.ToArray(), await System.IO.File.ReadAllBytesAsync(one));
        Assert.Equal("longer"u8.ToArray(), await System.IO.File.ReadAllBytesAsync(two));
    }

    [Fact]
    public async Task Images_of_the_same_bytes_are_independent_of_each_other()
    {
        var store = await Open();
        var other = NewId.Uuid();
        var bytes = RandomNumberGenerator.GetBytes(5000);
        await store.Put(image, File(bytes), "sha256-1", null, default);
        await store.Put(other, File(bytes), "sha256-1", null, default);
        Assert.Equal(new[] { image, other }.Order(), (await store.List(default)).Order());
        await store.Put(image, File("else"u8.ToArray()), "sha256-2", null, default);
        Assert.Equal("else"u8.ToArray(), await Read(store, 0));
        await store.Put(image, File(bytes), "sha256-1", null, default);
        await store.Remove(other, default);
        Assert.Equal([image], await store.List(default));
        Assert.Equal(bytes, await Read(store, 0));
    }

    [Fact]
    public async Task What_was_never_put_is_absent()
    {
        var store = await Open();
        Assert.Null(await store.Open(image, 0, default));
        Assert.Null(store.LocalPath(image));
        Assert.Empty(await store.List(default));
        await store.Remove(image, default);
    }

    [Fact]
    public async Task Removing_takes_one_image_away_and_may_be_repeated()
    {
        var store = await Open();
        var other = NewId.Uuid();
        await store.Put(image, File("a"u8.ToArray()), null, null, default);
        await store.Put(other, File("b"u8.ToArray()), null, null, default);
        await store.Remove(image, default);
        await store.Remove(image, default);
        Assert.Null(await store.Open(image, 0, default));
        Assert.Equal([other], await store.List(default));
    }

    [Fact]
    public async Task A_put_that_is_stopped_leaves_nothing()
    {
        var store = await Open();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Put(image, File(new byte[100]), null, null, stop.Token));
        Assert.Null(await store.Open(image, 0, default));
        Assert.Empty(await store.List(default));
    }

    [Fact]
    public async Task Its_kind_and_places_tell_no_secret()
    {
        var store = await Open();
        Assert.NotEmpty(store.Type);
        Assert.Contains(image.ToString(), store.UrlOf(image), StringComparison.Ordinal);
        Assert.DoesNotContain(store.Properties, p => p.Key.Contains("key", StringComparison.OrdinalIgnoreCase) || p.Key.Contains("password", StringComparison.OrdinalIgnoreCase));
    }

    private string File(byte[] bytes)
    {
        var path = Path.Combine(folder, NewId.Hex());
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    private async Task<byte[]> Read(IImageStore store, long from)
    {
        await using var stream = (await store.Open(image, from, default))!;
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
