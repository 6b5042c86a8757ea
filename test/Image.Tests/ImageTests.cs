using System.Security.Cryptography;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class ImageTests
{
    [Theory, OnEachDatabase]
    public async Task An_image_is_made_filled_read_and_deleted(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var made = await host.Send("POST", "/v2/images", ImageHost.Alice, new { name = "one", disk_format = "raw", container_format = "bare", tags = new[] { "b", "a" }, os_distro = "debian", min_disk = 1 });
        Assert.Equal(201, made.Status);
        var id = made["id"]!;
        Assert.Equal($"{host.Url}/image/v2/images/{id}", made.Headers["Location"]);
        Assert.Equal("glance-direct,web-download,copy-image,glance-download", made.Headers["OpenStack-image-import-methods"]);
        Assert.Equal(("queued", "shared", "alice", "debian"), (made["status"], made["visibility"], made["owner"], made["os_distro"]));
        Assert.Equal("[\"a\",\"b\"]", made.Json["tags"]!.ToJsonString());
        Assert.Equal(204, (await host.Get($"/v2/images/{id}/file")).Status);

        var data = RandomNumberGenerator.GetBytes(3_500_000);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, data)).Status);
        var shown = await host.Get($"/v2/images/{id}");
        Assert.Equal("active", shown["status"]);
        Assert.Equal(Md5(data), shown["checksum"]);
        Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(data)), shown["os_hash_value"]);
        Assert.Equal(("sha512", "3500000", "3500000", "file"), (shown["os_hash_algo"], shown["size"], shown["virtual_size"], shown["stores"]));

        var got = await host.Get($"/v2/images/{id}/file");
        Assert.Equal(200, got.Status);
        Assert.Equal(data, got.Body);
        Assert.Equal("application/octet-stream", got.Headers["Content-Type"]);
        Assert.Equal(shown["checksum"], got.Headers["Content-MD5"]);

        Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Status);
        await host.Settled(id);
        Assert.Empty(host.Store.Data);
        Assert.Equal(404, (await host.Get($"/v2/images/{id}")).Status);
        Assert.Contains($"Failed to find image {id} to delete", (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Text, StringComparison.Ordinal);
        Assert.Equal(409, (await host.Send("POST", "/v2/images", ImageHost.Alice, new { id })).Status);
    }

    [Fact]
    public async Task Errors_are_pages_unless_the_client_prefers_json()
    {
        await using var host = await ImageHost.Start();
        var page = await host.Get("/v2/images/nope");
        Assert.Equal(404, page.Status);
        Assert.StartsWith("text/html", page.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Contains("<h1>404 Not Found</h1>\n  No image found with ID nope<br /><br />", page.Text, StringComparison.Ordinal);
        var json = await host.Send("GET", "/v2/images/nope", ImageHost.Alice, null, null, ("Accept", "application/json"));
        Assert.Equal("No image found with ID nope<br /><br />\n\n\n", json["message"]);
        Assert.Equal(("404 Not Found", "Not Found"), (json["code"], json["title"]));
        var stranger = await host.Send("GET", "/v2/images", null);
        Assert.Equal(401, stranger.Status);
        Assert.StartsWith("text/html", stranger.Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Contains("Keystone uri=", stranger.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_told_to_everybody()
    {
        await using var host = await ImageHost.Start();
        var root = await host.Send("GET", "", null);
        Assert.Equal(300, root.Status);
        Assert.Equal(200, (await host.Send("GET", "/versions", null)).Status);
        var first = root.Json["versions"]![0]!;
        Assert.Equal(("v2.17", "CURRENT"), (first["id"]!.ToString(), first["status"]!.ToString()));
        Assert.Equal($"{host.Url}/image/v2/", first["links"]![0]!["href"]!.ToString());
        Assert.Equal(300, (await host.Get("/v3/images")).Status);
        Assert.Equal(404, (await host.Get("/v2/nothing")).Status);
        Assert.Equal((404, 404), ((await host.Get("/v2/images/")).Status, (await host.Send("DELETE", "/v2/images/", ImageHost.Alice)).Status));
    }

    private static string Md5(byte[] data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        hash.AppendData(data);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
