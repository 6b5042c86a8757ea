using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>What Compute's proxies ask of Image.</summary>
public sealed class CatalogTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static async Task<Caller> Of(string token) => (await new FakeTokens().Validate(token, None))!;

    [Theory, OnEachDatabase]
    public async Task Lists_filter_and_page_and_show_what_the_caller_may_see(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var catalog = host.Services.GetRequiredService<IImageCatalog>();
        var (alice, bob) = (await Of(ImageHost.Alice), await Of(ImageHost.Bob));
        var plain = await host.CreateRaw("plain");
        var copy = await host.Create(new { name = "copy", image_type = "snapshot", visibility = "private" });
        Assert.Equal([copy, plain], (await catalog.List(alice, new Dictionary<string, string>(), None)).Select(i => i.Id.ToString()));
        Assert.Equal(copy, Assert.Single(await catalog.List(alice, new Dictionary<string, string> { ["image_type"] = "snapshot" }, None)).Id.ToString());
        Assert.Equal(plain, Assert.Single(await catalog.List(alice, new Dictionary<string, string> { ["limit"] = "1", ["marker"] = copy }, None)).Id.ToString());
        Assert.Equal(FaultKind.Invalid, (await Assert.ThrowsAsync<Fault>(() => catalog.List(alice, new Dictionary<string, string> { ["updated_at"] = "gte:frob" }, None))).Kind);
        Assert.Empty(await catalog.List(bob, new Dictionary<string, string>(), None));
        Assert.Null(await catalog.Find(bob, Guid.Parse(copy), None));
        Assert.Equal("snapshot", (await catalog.Find(alice, Guid.Parse(copy), None))!.Properties["image_type"]);
    }

    [Theory, OnEachDatabase]
    public async Task Properties_change_and_images_go_by_Images_own_rules(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var catalog = host.Services.GetRequiredService<IImageCatalog>();
        var (alice, bob, reader) = (await Of(ImageHost.Alice), await Of(ImageHost.Bob), await Of("alice:reader"));
        var id = Guid.Parse(await host.Create(new { name = "x", a = "1" }, null));
        var read = new Dictionary<string, string> { ["a"] = "1" };
        Task<bool> Add(Caller caller, string name) => catalog.ReplaceProperties(caller, id, read, new Dictionary<string, string>(read) { [name] = "2" }, None);
        foreach (var name in (string[])["name", "size", "os_glance_x", "deleted"])
            Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => Add(alice, name))).Kind);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => Add(bob, "b"))).Kind);
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => Add(reader, "b"))).Kind);
        Assert.True(await Add(alice, "b"));
        Assert.Equal("2", (await host.Get($"/v2/images/{id}"))["b"]);
        // What was read is not what is there any more.
        Assert.False(await Add(alice, "c"));
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => catalog.Delete(reader, id, None))).Kind);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => catalog.Delete(bob, id, None))).Kind);
        var safe = Guid.Parse(await host.Create(new { name = "safe", @protected = true }));
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => catalog.Delete(alice, safe, None))).Kind);
        await catalog.Delete(alice, id, None);
        Assert.Equal(404, (await host.Get($"/v2/images/{id}")).Status);
    }
}
