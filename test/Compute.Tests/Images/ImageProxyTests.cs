using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Compute.Tests.Fakes;
using Nephos.Contracts;
using Xunit;

namespace Nephos.Compute.Tests.Images;

public sealed class ImageProxyTests
{
    [Fact]
    public async Task Images_are_listed_shown_and_deleted_in_novas_form()
    {
        await using var cloud = await TestCloud.Start();
        var server = NewId.Uuid();
        var own = cloud.Images.Add(new ImageInfo
        {
            Id = NewId.Uuid(), Name = "own", Status = "saving", Owner = FakeTokens.DemoProject, Visibility = "private", MinDisk = 2,
            Properties = new Dictionary<string, string> { ["instance_uuid"] = server.ToString(), ["auto_disk_config"] = "True" },
        });
        var shown = (await cloud.Send("demo", "GET", $"/images/{own.Id}"))["image"];
        Assert.Equal(("SAVING", 50, 2, 0, "AUTO"), (shown["status"].Text, shown["progress"].Number, shown["minDisk"].Number, shown["OS-EXT-IMG-SIZE:size"].Number, shown["OS-DCF:diskConfig"].Text));
        Assert.Equal(server.ToString(), shown["server"]["id"].Text);
        Assert.EndsWith($"/image/images/{own.Id}", shown["links"][2]["href"].Text, StringComparison.Ordinal);
        var cirros = (await cloud.Send("demo", "GET", "/images/detail?name=cirros"))["images"];
        Assert.Equal((1, "ACTIVE", 100), (cirros.Count, cirros[0]["status"].Text, cirros[0]["progress"].Number));
        Assert.Equal(3, (await cloud.Send("demo", "GET", "/images?limit=1"))["images"][0].Names.Count());
        Assert.Equal("next", (await cloud.Send("demo", "GET", "/images?limit=1"))["images_links"][0]["rel"].Text);

        Assert.Equal("Image not found.", await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", $"/images/{own.Id}"));
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", "/images/nope");
        await cloud.Refused(HttpStatusCode.Forbidden, "demo", "DELETE", $"/images/{cloud.Images.Cirros.Id}");
        using (var deleted = await cloud.Try("demo", "DELETE", $"/images/{own.Id}")) Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "DELETE", $"/images/{own.Id}");
        Assert.Equal(HttpStatusCode.NotFound, (await cloud.Try("demo", "GET", "/images", version: "2.36")).StatusCode);
    }

    [Fact]
    public async Task Filters_go_to_Image_under_its_own_names()
    {
        await using var cloud = await TestCloud.Start();
        await cloud.Send("demo", "GET", "/images?status=ACTIVE&server=http://x/servers/abc&type=snapshot&minRam=1&minDisk=2&changes-since=2026-01-01T00:00:00Z&property-os=linux&frob=1&marker=m");
        Assert.Equal(
            "image_type=snapshot instance_uuid=abc limit=1000 marker=m min_disk=2 min_ram=1 os=linux status=active updated_at=gte:2026-01-01T00:00:00Z",
            string.Join(' ', cloud.Services.GetRequiredService<FakeImageCatalog>().Asked.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}")));
    }

    [Fact]
    public async Task Metadata_is_an_images_custom_properties()
    {
        await using var cloud = await TestCloud.Start();
        var own = cloud.Images.Add(new ImageInfo { Id = NewId.Uuid(), Name = "own", Status = "active", Owner = FakeTokens.DemoProject, Visibility = "private", Properties = new Dictionary<string, string> { ["a"] = "1" } });
        var path = $"/images/{own.Id}/metadata";
        Assert.Equal("""{"a":"1","b":"2"}""", (await cloud.Send("demo", "POST", path, new { metadata = new { b = "2" } }))["metadata"].ToString());
        Assert.Equal("""{"c":"3"}""", (await cloud.Send("demo", "PUT", path, new { metadata = new { c = "3" } }))["metadata"].ToString());
        Assert.Equal("""{"d":"4"}""", (await cloud.Send("demo", "PUT", path + "/d", new { meta = new { d = "4" } }))["meta"].ToString());
        Assert.Equal("""{"c":"3","d":"4"}""", (await cloud.Send("demo", "GET", path, version: "2.38"))["metadata"].ToString());
        Assert.Equal("""{"d":"4"}""", (await cloud.Send("demo", "GET", path + "/d"))["meta"].ToString());
        await cloud.Send("demo", "DELETE", path + "/d");
        Assert.Equal("Invalid metadata key", await cloud.Refused(HttpStatusCode.NotFound, "demo", "DELETE", path + "/d"));
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "GET", path + "/d");
        await cloud.Refused(HttpStatusCode.BadRequest, "demo", "PUT", path + "/d", new { meta = new { e = "5" } });
        await cloud.Refused(HttpStatusCode.BadRequest, "demo", "PUT", path, new { metadata = new { e = 5 } });
        var many = Enumerable.Range(0, 129).ToDictionary(i => $"k{i}", _ => "v");
        Assert.Equal("Image metadata limit exceeded", await cloud.Refused(HttpStatusCode.Forbidden, "demo", "PUT", path, new { metadata = many }));
        await cloud.Refused(HttpStatusCode.Forbidden, "demo", "PUT", $"/images/{cloud.Images.Cirros.Id}/metadata", new { metadata = new { e = "5" } });
        await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", path);
        Assert.Equal(HttpStatusCode.NotFound, (await cloud.Try("demo", "GET", path, version: "2.39")).StatusCode);
    }
}
