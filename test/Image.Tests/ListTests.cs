using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class ListTests
{
    [Theory, OnEachDatabase]
    public async Task Filters_find_what_they_say(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        await host.Create(new { name = "a", disk_format = "raw", container_format = "bare", tags = new[] { "x", "y" }, os_distro = "debian" }, new byte[10]);
        await host.Create(new { name = "b,c", disk_format = "qcow2", container_format = "ovf", tags = new[] { "x" }, @protected = true });
        await host.Create(new { name = "hidden", os_hidden = true, visibility = "private" });
        async Task<string> Names(string query, string token = ImageHost.Alice) =>
            string.Join(' ', (await host.Get("/v2/images?sort=name:asc&" + query, token)).Json["images"]!.AsArray().Select(i => i!["name"]!.ToString()));

        Assert.Equal("a b,c", await Names(""));
        Assert.Equal("hidden", await Names("os_hidden=true"));
        Assert.Equal("a", await Names("name=a"));
        Assert.Equal("a b,c", await Names("name=in:a,%22b,c%22"));
        Assert.Equal("a b,c", await Names("tag=x"));
        Assert.Equal("a", await Names("tag=x&tag=y"));
        Assert.Equal("a", await Names("os_distro=debian"));
        Assert.Equal("", await Names("os_distro=other"));
        Assert.Equal("b,c", await Names("protected=true"));
        Assert.Equal("a", await Names("status=active"));
        Assert.Equal("a b,c", await Names("status=in:active,queued"));
        Assert.Equal("a", await Names("size_min=10"));
        Assert.Equal("", await Names("size_min=11"));
        Assert.Equal("a", await Names("size_max=10"));
        Assert.Equal("a", await Names("size=10"));
        Assert.Equal("b,c", await Names("disk_format=qcow2&container_format=ovf"));
        Assert.Equal("a b,c", await Names("owner=alice"));
        Assert.Equal("", await Names("owner=bob"));
        Assert.Equal("a b,c", await Names("created_at=gt:2020-01-01T00:00:00Z&created_at=lt:2099-01-01"));
        Assert.Equal("", await Names("created_at=lt:2020-01-01T00:00:00Z"));
        Assert.Equal("a b,c", await Names("visibility=shared"));
        Assert.Equal("", await Names("visibility=all", ImageHost.Bob));
        Assert.Equal("a b,c", await Names("visibility=all", ImageHost.Admin));
        Assert.Equal("a", await Names("checksum=a63c90cc3684ad8b0a2176a6a8fe9005"));
        foreach (var bad in (string[])["visibility=x", "member_status=x", "os_hidden=x", "protected=x", "limit=x", "limit=-1", "marker=x", "sort=x", "sort_key=x", "sort_dir=x",
            "sort=name&sort_key=name", "sort_key=name&sort_key=size&sort_key=id&sort_dir=asc&sort_dir=desc", "name=ni:a", "name=in:a%22", "size_min=x", "created_at=x", "created_at=gt:x", "changes-since=2020-01-01"])
            Assert.Equal((400, bad), ((await host.Get("/v2/images?" + bad.Replace("sort=name&", "sort=name&", StringComparison.Ordinal))).Status, bad));
    }

    [Theory, OnEachDatabase]
    public async Task Pages_linked_to_one_another_give_every_image_once_whatever_the_order(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var random = new Random(7);
        var all = new HashSet<string>();
        for (var i = 0; i < 23; i++) all.Add(await host.Create(new { name = $"n{random.Next(4)}", disk_format = "raw", container_format = "bare" }, random.Next(2) == 0 ? new byte[random.Next(1, 4)] : null));
        foreach (var order in (string[])["", "&sort=name:asc,size:desc", "&sort_key=size&sort_dir=asc", "&sort_key=status&sort_key=name&sort_dir=asc&sort_dir=desc", "&sort=id"])
            for (var limit = 1; limit < 30; limit += random.Next(2, 9))
            {
                var seen = new List<string>();
                var next = $"/v2/images?limit={limit}{order}";
                while (next is not null)
                {
                    var page = await host.Get(next);
                    Assert.Equal(200, page.Status);
                    seen.AddRange(page.Json["images"]!.AsArray().Select(i => i!["id"]!.ToString()));
                    next = page["next"];
                    Assert.StartsWith("/v2/images?limit=", page["first"], StringComparison.Ordinal);
                    Assert.True(next is null || next.StartsWith("/v2/images?", StringComparison.Ordinal));
                }
                Assert.Equal(all.Count, seen.Count);
                Assert.Equal(all, [.. seen]);
            }
    }

    [Theory, OnEachDatabase]
    public async Task Who_sees_an_image_depends_on_its_visibility(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var ids = new Dictionary<string, string>();
        foreach (var visibility in (string[])["private", "shared", "community"]) ids[visibility] = await host.Create(new { name = visibility, visibility });
        Assert.Equal(403, (await host.Send("POST", "/v2/images", ImageHost.Alice, new { visibility = "public" })).Status);
        ids["public"] = await host.Create(new { name = "public", visibility = "public" }, token: ImageHost.Admin);
        async Task<string> Seen(string token, string query = "") => string.Join(' ', (await host.Get("/v2/images?sort=name:asc" + query, token)).Json["images"]!.AsArray().Select(i => i!["name"]!.ToString()));

        Assert.Equal("community private public shared", await Seen(ImageHost.Alice));
        Assert.Equal("public", await Seen(ImageHost.Bob));
        Assert.Equal("community", await Seen(ImageHost.Bob, "&visibility=community"));
        Assert.Equal("private public shared", await Seen(ImageHost.Admin));
        Assert.Equal(404, (await host.Get($"/v2/images/{ids["private"]}", ImageHost.Bob)).Status);
        Assert.Equal(404, (await host.Get($"/v2/images/{ids["shared"]}", ImageHost.Bob)).Status);
        Assert.Equal(200, (await host.Get($"/v2/images/{ids["community"]}", ImageHost.Bob)).Status);
        // What cannot be seen answers as what is not there; what can be seen says no.
        var random = NewId.Uuid().ToString();
        foreach (var (method, path) in new[] { ("GET", ""), ("DELETE", ""), ("GET", "/file"), ("PUT", "/tags/x"), ("GET", "/members"), ("POST", "/actions/deactivate") })
        {
            var (hidden, absent) = (await host.Send(method, $"/v2/images/{ids["private"]}{path}", ImageHost.Bob), await host.Send(method, $"/v2/images/{random}{path}", ImageHost.Bob));
            Assert.Equal((absent.Status, absent.Text), (hidden.Status, hidden.Text.Replace(ids["private"], random, StringComparison.Ordinal)));
        }
        Assert.Equal(403, (await host.Send("DELETE", $"/v2/images/{ids["community"]}", ImageHost.Bob)).Status);
        Assert.Equal(403, (await host.Send("DELETE", $"/v2/images/{ids["private"]}", ImageHost.Reader)).Status);
    }

    [Theory, OnEachDatabase]
    public async Task A_shared_image_appears_once_it_is_accepted(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.CreateRaw("shared", new byte[3]);
        var members = $"/v2/images/{id}/members";
        Assert.Equal(404, (await host.Get(members, ImageHost.Bob)).Status);
        var added = await host.Send("POST", members, ImageHost.Alice, new { member = "bob" });
        Assert.Equal((200, "bob", "pending", "/v2/schemas/member"), (added.Status, added["member_id"], added["status"], added["schema"]));
        Assert.Equal(409, (await host.Send("POST", members, ImageHost.Alice, new { member = "bob" })).Status);
        foreach (var bad in (object[])[new { }, new { member = "" }, new[] { 1 }, "{"]) Assert.Equal(400, (await host.Send("POST", members, ImageHost.Alice, bad)).Status);
        await host.Send("POST", members, ImageHost.Alice, new { member = "carol" });

        async Task<int> Listed(string query = "") => (await host.Get("/v2/images" + query, ImageHost.Bob)).Json["images"]!.AsArray().Count;
        Assert.Equal((0, 1, 1, 0), (await Listed(), await Listed("?member_status=pending"), await Listed("?member_status=all"), await Listed("?member_status=rejected")));
        Assert.Equal(200, (await host.Get($"/v2/images/{id}/file", ImageHost.Bob)).Status);
        Assert.Equal("bob", (await host.Get(members, ImageHost.Bob)).Json["members"]!.AsArray().Single()!["member_id"]!.ToString());
        Assert.Equal(404, (await host.Get(members + "/carol", ImageHost.Bob)).Status);
        Assert.Equal(403, (await host.Send("PUT", members + "/bob", ImageHost.Alice, new { status = "accepted" })).Status);
        Assert.Equal(400, (await host.Send("PUT", members + "/bob", ImageHost.Bob, new { status = "maybe" })).Status);
        Assert.Equal(404, (await host.Send("PUT", members + "/carol", ImageHost.Bob, new { status = "accepted" })).Status);
        Assert.Equal("accepted", (await host.Send("PUT", members + "/bob", ImageHost.Bob, new { status = "accepted" }))["status"]);
        Assert.Equal(1, await Listed());
        Assert.Equal(403, (await host.Send("DELETE", members + "/bob", ImageHost.Bob)).Status);
        Assert.Equal(204, (await host.Send("DELETE", members + "/bob", ImageHost.Alice)).Status);
        Assert.Equal(404, (await host.Send("DELETE", members + "/bob", ImageHost.Alice)).Status);
        Assert.Equal((0, 404), (await Listed("?member_status=all"), (await host.Get($"/v2/images/{id}", ImageHost.Bob)).Status));
        var alone = await host.Create(new { visibility = "private" });
        Assert.Equal(403, (await host.Send("POST", $"/v2/images/{alone}/members", ImageHost.Alice, new { member = "bob" })).Status);
        Assert.Equal(403, (await host.Get($"/v2/images/{alone}/members")).Status);
    }

    [Fact]
    public void Quoted_values_hold_commas_and_quotes()
    {
        Assert.Equal(["a", "b,c", "d\"e"], ImageList.Quoted("a,\"b,c\",d\\\"e"));
        Assert.Throws<Fault>(() => ImageList.Quoted("a\"b\""));
        Assert.Throws<Fault>(() => ImageList.Quoted("\"a\"b"));
        Assert.Throws<Fault>(() => ImageList.Quoted("\"a"));
    }
}
