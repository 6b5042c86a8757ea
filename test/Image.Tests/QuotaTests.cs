using Nephos.Image.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>Limits that are registered with Identity, and those of the service itself.</summary>
public sealed class QuotaTests
{
    private const int MiB = 1 << 20;

    [Theory, OnEachDatabase]
    public async Task Use_is_counted_and_shown_beside_the_limits(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        host.Identity.Registered["image_size_total"] = 50;
        await host.CreateRaw("a", new byte[2 * MiB]);
        var staged = await host.CreateRaw("b");
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{staged}/stage", ImageHost.Alice, new byte[3 * MiB])).Status);
        await host.CreateRaw("c", new byte[MiB], ImageHost.Bob);
        Assert.Equal("""{"image_size_total":{"usage":2,"limit":50},"image_stage_total":{"usage":3,"limit":-1},"image_count_total":{"usage":2,"limit":-1},"image_count_uploading":{"usage":1,"limit":-1}}""",
            (await host.Get("/v2/info/usage")).Json["usage"]!.ToJsonString());
    }

    [Theory, OnEachDatabase]
    public async Task More_than_the_limit_is_refused_in_upstreams_words(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var limits = host.Identity.Registered;
        limits["image_count_total"] = 2;
        var (one, two) = (await host.CreateRaw("a"), await host.CreateRaw("b"));
        var refused = await host.Send("POST", "/v2/images", ImageHost.Alice, new { name = "c" }, null, ("Accept", "application/json"));
        Assert.Equal((413, "413 Request Entity Too Large"), (refused.Status, refused["code"]));
        Assert.Contains("Project alice is over a limit for [Resource image_count_total is over limit of 2 due to current usage 2 and delta 1]", refused["message"]!, StringComparison.Ordinal);
        Assert.Equal(201, (await host.Send("POST", "/v2/images", ImageHost.Bob, new { name = "c" })).Status);

        // Data comes while what is there is not over the limit.
        limits["image_size_total"] = 1;
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{one}/file", ImageHost.Alice, new byte[3 * MiB])).Status);
        Assert.Equal(413, (await host.Send("PUT", $"/v2/images/{two}/file", ImageHost.Alice, new byte[1])).Status);
        Assert.Equal("queued", (await host.Get($"/v2/images/{two}"))["status"]);
        limits["image_size_total"] = -1;

        limits["image_stage_total"] = 0;
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{two}/stage", ImageHost.Alice, new byte[MiB])).Status);
        limits["image_size_total"] = 3;
        Assert.Equal(413, (await host.Send("POST", $"/v2/images/{two}/import", ImageHost.Alice, new { method = new { name = "glance-direct" } })).Status);
        Assert.Equal("uploading", (await host.Get($"/v2/images/{two}"))["status"]);
        limits["image_count_total"] = 3;
        var three = await host.CreateRaw("d");
        Assert.Equal(413, (await host.Send("PUT", $"/v2/images/{three}/stage", ImageHost.Alice, new byte[1])).Status);
        limits.Remove("image_stage_total");

        limits["image_size_total"] = -1;
        limits["image_count_uploading"] = 1;
        Assert.Equal(413, (await host.Send("PUT", $"/v2/images/{three}/file", ImageHost.Alice, new byte[1])).Status);
        Assert.Equal("queued", (await host.Get($"/v2/images/{three}"))["status"]);
        Assert.Equal(413, (await host.Send("POST", $"/v2/images/{three}/import", ImageHost.Alice, new { method = new { name = "web-download", uri = "http://x.example/" } })).Status);
        limits["image_count_uploading"] = 2;
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{three}/file", ImageHost.Alice, new byte[1])).Status);
        Assert.Empty(host.Staged.Except([two]));
    }

    [Fact]
    public async Task An_images_things_are_counted()
    {
        await using var host = await ImageHost.Start(options: o => o with { Counts = new() { Properties = 1, Tags = 1, Members = 1 } });
        var id = await host.Create(new { name = "x", a = "1", tags = new[] { "t" } });
        Assert.Equal(413, (await host.Send("POST", "/v2/images", ImageHost.Alice, new { a = "1", b = "2" })).Status);
        Assert.Equal(413, (await host.Send("PUT", $"/v2/images/{id}/tags/u", ImageHost.Alice)).Status);
        Assert.Equal(200, (await host.Send("POST", $"/v2/images/{id}/members", ImageHost.Alice, new { member = "bob" })).Status);
        Assert.Equal(413, (await host.Send("POST", $"/v2/images/{id}/members", ImageHost.Alice, new { member = "carol" })).Status);
        await using var free = await ImageHost.Start(options: o => o with { Counts = new() { Properties = -1, Tags = -1, Members = -1 } });
        var many = Enumerable.Range(0, 200).ToDictionary(i => $"p{i}", i => "v");
        Assert.Equal(201, (await free.Send("POST", "/v2/images", ImageHost.Alice, many)).Status);
    }

    [Theory]
    [InlineData("sha256", 64)]
    [InlineData("sha384", 96)]
    public async Task Data_is_hashed_by_the_operators_algorithm(string algorithm, int length)
    {
        await using var host = await ImageHost.Start(options: o => o with { HashAlgorithm = algorithm });
        var image = await host.Get($"/v2/images/{await host.CreateRaw("x", new byte[100])}");
        Assert.Equal((algorithm, length), (image["os_hash_algo"], image["os_hash_value"]!.Length));
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{image["id"]}/import", ImageHost.Admin, new { method = new { name = "copy-image" }, stores = new[] { "other" } })).Status);
        await host.Settled(image["id"]!);
        Assert.Equal("file,other", (await host.Get($"/v2/images/{image["id"]}"))["stores"]);
    }
}
