using System.Collections.Concurrent;
using System.Security.Cryptography;
using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Testing;
using Xunit;
using static Nephos.Image.Tests.Web.Mirrors;

namespace Nephos.Image.Tests.Web;

/// <summary>Images whose data others keep.</summary>
public sealed class LocationTests
{
    private static Task<Reply> Patch(ImageHost host, string id, object change, string token = ImageHost.Alice) =>
        host.Send("PATCH", $"/v2/images/{id}", token, new[] { change }, ImagePatch.Draft10);

    private static Task<Reply> Add(ImageHost host, string id, string url, object? digests = null, string at = "-") => Patch(host, id, digests is null
        ? new { op = "add", path = $"/locations/{at}", value = new { url, metadata = new { rack = "7" } } }
        : new { op = "add", path = $"/locations/{at}", value = new { url, metadata = new { }, validation_data = digests } });

    private static object Digests(string hash) => new { os_hash_algo = "sha512", os_hash_value = hash };

    private static async Task<byte[]> All(Stream? data)
    {
        await using (data)
        {
            var all = new MemoryStream();
            await data!.CopyToAsync(all);
            return all.ToArray();
        }
    }

    [Theory, OnEachDatabase]
    public async Task An_image_whose_data_others_keep_is_read_from_there_and_stays_there(DatabaseKind kind)
    {
        var asked = new ConcurrentQueue<string>();
        await using var server = await Mirror(asked: asked);
        await using var host = await Host(server, kind);
        var id = await host.CreateRaw("x");
        Assert.Equal("[]", (await host.Get($"/v2/images/{id}")).Json["locations"]!.ToJsonString());
        var url = $"http://mirror.example:{server.Port}/x.img";
        var made = await Add(host, id, url, Digests(Hash));
        Assert.Equal((200, "active", "300000", "web", url, Hash), (made.Status, made["status"], made["size"], made["stores"], made["direct_url"], made["os_hash_value"]));
        Assert.Equal("[{\"url\":\"" + url + "\",\"metadata\":{\"store\":\"web\"}}]", made.Json["locations"]!.ToJsonString());
        Assert.Equal(["HEAD /x.img"], asked);

        // First of all: what was read once may come from the cache.
        var part = await host.Send("GET", $"/v2/images/{id}/file", ImageHost.Alice, null, null, ("Range", "bytes=299990-"));
        Assert.Equal(206, part.Status);
        Assert.Equal(Bytes[299_990..], part.Body);
        Assert.Contains("GET /x.imgbytes=299990-", asked);
        Assert.Equal(Bytes, (await host.Get($"/v2/images/{id}/file")).Body);
        Assert.Equal(Bytes, await All(await host.Images.Open(Guid.Parse(id), default)));

        // In the list too; another project sees where it is only if it may.
        Assert.Equal(url, (await host.Get("/v2/images")).Json["images"]![0]!["direct_url"]!.ToString());
        Assert.Equal(200, (await Patch(host, id, new { op = "replace", path = "/visibility", value = "community" })).Status);
        var seen = await host.Get($"/v2/images/{id}", ImageHost.Bob);
        Assert.Equal(("[]", null), (seen.Json["locations"]!.ToJsonString(), seen["direct_url"]));

        Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Status);
        await host.Settled(id);
        Assert.DoesNotContain(asked, a => a.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Theory, OnEachDatabase]
    public async Task Locations_are_ordered_described_and_removed_one_by_one(DatabaseKind kind)
    {
        await using var server = await Mirror();
        await using var host = await Host(server, kind);
        var id = await host.CreateRaw("x", Bytes);
        var (own, one, two) = ($"memory://{id}", $"http://mirror.example:{server.Port}/1", $"http://mirror.example:{server.Port}/2");
        Assert.Equal(200, (await Add(host, id, one)).Status);
        var three = await Add(host, id, two, at: "0");
        Assert.Equal([two, own, one], three.Json["locations"]!.AsArray().Select(l => l!["url"]!.ToString()));
        Assert.Equal("""{"rack":"7","store":"web"}""", three.Json["locations"]![0]!["metadata"]!.ToJsonString());
        var four = await Add(host, id, two + "more");
        Assert.Equal((413, true), (four.Status, four.Text.Contains("Attempted: 4, Maximum: 3", StringComparison.Ordinal)));
        Assert.Equal(400, (await Add(host, id, one)).Status);
        Assert.Equal(400, (await Add(host, id, one, at: "first")).Status);

        var turned = await Patch(host, id, new { op = "replace", path = "/locations", value = ((string[])[own, one, two]).Select(url => new { url, metadata = new { note = "n" } }) });
        Assert.Equal([own, one, two], turned.Json["locations"]!.AsArray().Select(l => l!["url"]!.ToString()));
        Assert.Equal("""{"note":"n","store":"file"}""", turned.Json["locations"]![0]!["metadata"]!.ToJsonString());
        Assert.Equal(400, (await Patch(host, id, new { op = "replace", path = "/locations", value = ((string[])[own]).Select(url => new { url, metadata = new { } }) })).Status);

        Assert.Equal(403, (await Patch(host, id, new { op = "remove", path = "/locations/0" })).Status);
        Assert.Equal(400, (await Patch(host, id, new { op = "remove", path = "/locations/3" }, ImageHost.Admin)).Status);
        Assert.Equal(200, (await Patch(host, id, new { op = "remove", path = "/locations/0" }, ImageHost.Admin)).Status);
        Assert.Empty(host.Store.Data);
        Assert.Equal(200, (await Patch(host, id, new { op = "remove", path = "/locations/-" }, ImageHost.Admin)).Status);
        var last = await Patch(host, id, new { op = "remove", path = "/locations/0" }, ImageHost.Admin);
        Assert.Equal((403, true), (last.Status, last.Text.Contains("Cannot remove last location in the image.", StringComparison.Ordinal)));
        Assert.Equal(Bytes, (await host.Get($"/v2/images/{id}/file")).Body);
    }

    [Fact]
    public async Task What_may_not_be_fetched_is_no_location()
    {
        await using var server = await Mirror();
        await using var host = await Host(server);
        var id = await host.CreateRaw("x");
        foreach (var url in (string[])[$"http://private.example:{server.Port}/x", $"http://mirror.example:{server.Port}/away", $"http://127.0.0.2:{server.Port}/x", "http://mirror.example:1/x",
            $"http://mirror.example:{server.Port}/gone", $"http://nowhere.example:{server.Port}/x", "file:///etc/passwd", $"memory://{id}", "swift+config://a/b", "nothing"])
            Assert.Equal((url, 400), (url, (await Add(host, id, url)).Status));
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        var bare = (await host.Send("POST", "/v2/images", ImageHost.Alice, new { name = "bare" }))["id"]!;
        Assert.Equal(400, (await Add(host, bare, $"http://mirror.example:{server.Port}/x")).Status);
        await using var without = await Host(server, http: false);
        Assert.Equal(400, (await Add(without, await without.CreateRaw("x"), $"http://mirror.example:{server.Port}/x")).Status);
        await using var hidden = await Host(server, more: o => o with { ShowLocations = false, ShowDirectUrl = false });
        Assert.Equal(403, (await Add(hidden, await hidden.CreateRaw("x"), $"http://mirror.example:{server.Port}/x")).Status);
    }

    [Fact]
    public async Task What_is_said_of_the_digests_must_be_possible_and_can_be_said_once()
    {
        await using var server = await Mirror();
        await using var host = await Host(server);
        var id = await host.CreateRaw("x");
        var url = $"http://mirror.example:{server.Port}/x";
        Assert.Equal(409, (await Add(host, id, url, new { os_hash_algo = "sha256", os_hash_value = Hash[..64] })).Status);
        Assert.Equal(409, (await Add(host, id, url, Digests(Hash[..126]))).Status);
        Assert.Equal(409, (await Add(host, id, url, Digests("zz" + Hash[2..]))).Status);
        Assert.Equal(200, (await Add(host, id, url, Digests(Hash))).Status);
        Assert.Equal(200, (await Add(host, id, url + "2", Digests(Hash))).Status);
        Assert.Equal(409, (await Add(host, id, url + "3", Digests(Hash.Replace('1', '2')))).Status);
        Assert.Equal(204, (await host.Send("POST", $"/v2/images/{id}/actions/deactivate", ImageHost.Admin)).Status);
        Assert.Equal(409, (await Add(host, id, url + "4")).Status);
    }

    [Fact]
    public async Task Data_that_others_changed_is_never_taken_for_the_images()
    {
        var now = Bytes;
        await using var server = await Mirror(() => now);
        await using var host = await Host(server);
        var id = await host.CreateRaw("x");
        Assert.Equal(200, (await Add(host, id, $"http://mirror.example:{server.Port}/x", Digests(Hash))).Status);
        now = RandomNumberGenerator.GetBytes(Bytes.Length);
        await using (var data = await host.Images.Open(Guid.Parse(id), default))
            Assert.Contains("its hash is another", (await Assert.ThrowsAsync<Fault>(() => data!.CopyToAsync(Stream.Null))).Message, StringComparison.Ordinal);
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Admin, new { method = new { name = "copy-image" }, stores = (string[])["file"] })).Status);
        await host.Settled(id);
        Assert.Empty(host.Store.Data);
        Assert.Equal("web", (await host.Get($"/v2/images/{id}"))["stores"]);
    }

    [Fact]
    public async Task What_nobody_told_the_hash_of_is_kept_apart_and_measured_when_it_is_copied()
    {
        await using var server = await Mirror();
        await using var host = await Host(server);
        var (id, other) = (await host.CreateRaw("x"), await host.CreateRaw("y"));
        foreach (var image in (string[])[id, other]) Assert.Equal(200, (await Add(host, image, $"http://mirror.example:{server.Port}/x")).Status);
        var infos = await host.Images.Get([Guid.Parse(id), Guid.Parse(other)], default);
        Assert.Equal(2, infos.Select(i => i.Hash).OfType<string>().Distinct().Count());
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Admin, new { method = new { name = "copy-image" }, all_stores = true })).Status);
        await host.Settled(id);
        var copied = await host.Get($"/v2/images/{id}");
        Assert.Equal(("web,file,other", Hash), (copied["stores"], copied["os_hash_value"]));
        Assert.Equal(Bytes, host.Store.Data[Guid.Parse(id)]);
    }

    [Fact]
    public async Task An_image_that_is_deactivated_while_it_is_copied_stays_so()
    {
        var gate = new Gate();
        await using var server = await gate.Server();
        await using var host = await Host(server);
        var id = await host.CreateRaw("x");
        Assert.Equal(200, (await Add(host, id, $"http://mirror.example:{server.Port}/x")).Status);
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Admin, new { method = new { name = "copy-image" }, stores = (string[])["file"] })).Status);
        await gate.Asked;
        Assert.Equal(204, (await host.Send("POST", $"/v2/images/{id}/actions/deactivate", ImageHost.Admin)).Status);
        gate.Open();
        await host.Settled(id);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("deactivated", "web,file", Hash), (image["status"], image["stores"], image["os_hash_value"]));
    }

    /// <summary>Hosts keep data by that name: who could choose it would get what another image has.</summary>
    [Fact]
    public async Task Whoever_says_the_hash_of_an_image_does_not_get_its_data_by_that()
    {
        await using var server = await Mirror();
        await using var host = await Host(server);
        var (hidden, id) = (await host.CreateRaw("hidden", Bytes), await host.CreateRaw("x"));
        Assert.Equal(200, (await Add(host, id, $"http://mirror.example:{server.Port}/x", Digests(Hash))).Status);
        async Task<string?> Name(string image) => (await host.Images.Get([Guid.Parse(image)], default))[0].Hash;
        Assert.Equal(Hash, await Name(hidden));
        Assert.NotEqual(Hash, await Name(id));
        // Measured by ourselves.
        Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Admin, new { method = new { name = "copy-image" }, stores = (string[])["file"] })).Status);
        await host.Settled(id);
        Assert.Equal(Hash, await Name(id));
    }

    [Fact]
    public async Task Nothing_is_put_into_such_a_store()
    {
        await using var server = await Mirror();
        await using var host = await Host(server);
        var id = await host.CreateRaw("x");
        var put = await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, Bytes, null, ("X-Image-Meta-Store", "web"));
        Assert.Equal((410, true), (put.Status, put.Text.Contains("Adding images to store is disabled", StringComparison.Ordinal)));
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Equal(["web"], (await host.Get("/v2/info/stores")).Json["stores"]!.AsArray().Where(s => s!["read-only"]?.ToString() == "true").Select(s => s!["id"]!.ToString()));
    }
}
