using System.Text;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Files;
using Xunit;

namespace Nephos.Drivers.Tests.Files;

public sealed class FileImageStoreTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    readonly TempFolder folder = new();
    readonly Guid id = NewId.Uuid();

    public void Dispose() => folder.Dispose();

    FileImageStore Store => new(folder["images"]);

    async Task Put(FileImageStore store, string text)
    {
        await using var writer = await store.Create(id, Ct);
        await writer.Write(Encoding.UTF8.GetBytes(text), Ct);
        await writer.Commit(Ct);
    }

    [Fact]
    public async Task What_is_put_is_read_back_also_from_the_middle()
    {
        var store = Store;
        await Put(store, "hello");
        await using var stream = (await store.Open(id, Ct))!;
        Assert.Equal(5, stream.Length);
        stream.Seek(2, SeekOrigin.Begin);
        Assert.Equal("llo", await new StreamReader(stream).ReadToEndAsync(Ct));
        Assert.Equal("hello", File.ReadAllText(store.LocalPath(id)!));
        Assert.Equal([id], await store.List(Ct));
    }

    [Fact]
    public async Task Nothing_is_visible_before_the_commit_but_the_writer_s_file()
    {
        var store = Store;
        await using var writer = await store.Create(id, Ct);
        await writer.Write("half"u8.ToArray(), Ct);
        Assert.Equal("half", File.ReadAllText(writer.Path!));
        Assert.Null(await store.Open(id, Ct));
        Assert.Null(store.LocalPath(id));
        Assert.Empty(await store.List(Ct));
    }

    [Fact]
    public async Task A_writer_that_is_given_up_leaves_nothing()
    {
        await using (var writer = await Store.Create(id, Ct)) await writer.Write("half"u8.ToArray(), Ct);
        Assert.Empty(Directory.GetFiles(folder["images"]));
    }

    [Fact]
    public async Task What_a_crash_left_half_written_is_swept_at_the_next_start()
    {
        var store = Store;
        await Put(store, "kept");
        File.WriteAllText(Path.Combine(folder["images"], $"{NewId.Uuid()}.x.part"), "half");
        Assert.Equal([id], await Store.List(Ct));
        Assert.Single(Directory.GetFiles(folder["images"]));
    }

    [Fact]
    public async Task Removing_twice_is_fine_and_a_reader_keeps_what_it_reads()
    {
        var store = Store;
        await Put(store, "hello");
        await using var stream = (await store.Open(id, Ct))!;
        await store.Remove(id, Ct);
        await store.Remove(id, Ct);
        Assert.Null(await store.Open(id, Ct));
        Assert.Equal("hello", await new StreamReader(stream).ReadToEndAsync(Ct));
    }

    [Fact]
    public async Task Putting_again_replaces()
    {
        var store = Store;
        await Put(store, "one");
        await Put(store, "two");
        Assert.Equal("two", File.ReadAllText(store.LocalPath(id)!));
    }
}
