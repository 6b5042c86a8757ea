using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Swift;
using Nephos.Testing;
using Xunit;

namespace Nephos.Drivers.Tests.Swift;

/// <summary>The store's promises, kept over a storage that is played.</summary>
public sealed class SwiftImageStoreTests : ImageStoreContract, IAsyncLifetime
{
    readonly Guid id = NewId.Uuid();
    FakeSwift swift = null!;

    public async ValueTask InitializeAsync() => swift = await FakeSwift.Start();

    public override async ValueTask DisposeAsync()
    {
        await swift.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override Task<IImageStore> Open() => Task.FromResult<IImageStore>(new SwiftImageStore(swift.Options(3)));

    string Source(int length)
    {
        var path = Path.Combine(Folder, "source");
        File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(length));
        return path;
    }

    [Fact]
    public async Task Large_images_are_parts_and_replacing_them_leaves_none()
    {
        using var store = new SwiftImageStore(swift.Options(1));
        await store.Put(id, Source(2_500_000), null, null, default);
        Assert.Equal(4, swift.Objects.Count);
        await store.Put(id, Source(1_500_000), null, null, default);
        Assert.Equal(3, swift.Objects.Count);
        await store.Put(id, Source(10), null, null, default);
        Assert.Equal([$"glance/{id}"], swift.Objects);
        await store.Remove(id, default);
        Assert.Empty(swift.Objects);
    }

    [Fact]
    public async Task An_upload_that_fails_leaves_no_part()
    {
        using var store = new SwiftImageStore(swift.Options(3));
        swift.Fail = r => r.Method == "PUT" && r.Path.Value!.EndsWith("/00000002", StringComparison.Ordinal) ? 507 : null;
        Assert.Equal(FaultKind.TooLarge, (await Assert.ThrowsAsync<Fault>(() => store.Put(id, Source(2_500_000), null, null, default))).Kind);
        Assert.Empty(swift.Objects);
        swift.Fail = r => r.Query.ContainsKey("multipart-manifest") ? 503 : null;
        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => store.Put(id, Source(2_500_000), null, null, default))).Kind);
        Assert.Empty(swift.Objects);
    }

    [Fact]
    public async Task Parts_of_a_process_that_died_are_found_and_removed()
    {
        using var store = new SwiftImageStore(swift.Options(3));
        await store.Put(id, Source(2_500_000), null, null, default);
        // As if the list of the parts had not been written any more.
        using (var http = new HttpClient())
        {
            using var login = new HttpRequestMessage(HttpMethod.Get, swift.Url + "/auth/v1.0");
            login.Headers.Add("X-Auth-User", "images:nephos");
            login.Headers.Add("X-Auth-Key", "secret");
            using var token = await http.SendAsync(login);
            using var delete = new HttpRequestMessage(HttpMethod.Delete, $"{token.Headers.GetValues("X-Storage-Url").First()}/glance/{id}");
            delete.Headers.Add("X-Auth-Token", token.Headers.GetValues("X-Auth-Token"));
            Assert.Equal(204, (int)(await http.SendAsync(delete)).StatusCode);
        }
        Assert.Null(await store.Open(id, 0, default));
        Assert.Equal([id], await store.List(default));
        await store.Remove(id, default);
        Assert.Empty(swift.Objects);
    }

    [Fact]
    public async Task A_token_that_counts_no_more_is_renewed_once()
    {
        using var store = new SwiftImageStore(swift.Options(3));
        await store.Put(id, Source(10), null, null, default);
        Assert.Equal(1, swift.Logins);
        swift.Expire();
        await using (var data = await store.Open(id, 0, default)) Assert.NotNull(data);
        Assert.Equal(2, swift.Logins);
        swift.Fail = _ => 401;
        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => store.Open(id, 0, default))).Kind);
        Assert.Equal(3, swift.Logins);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_storage_that_lets_nobody_in_or_is_not_there_is_unavailable(int version)
    {
        using var store = new SwiftImageStore(swift.Options(version, "wrong"));
        var fault = await Assert.ThrowsAsync<Fault>(() => store.List(default));
        Assert.Equal((FaultKind.Unavailable, "The object storage cannot be used: what gives tokens answered 401."), (fault.Kind, fault.Message));
        using var nowhere = new SwiftImageStore(swift.Options(version) with { AuthUrl = "http://127.0.0.1:1/v3" });
        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => nowhere.List(default))).Kind);
        using var elsewhere = new SwiftImageStore(swift.Options(3) with { Region = "three" });
        Assert.Contains("the catalog has no object-store", (await Assert.ThrowsAsync<Fault>(() => elsewhere.List(default))).Message, StringComparison.Ordinal);
    }
}
