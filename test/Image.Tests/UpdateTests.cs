using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Contracts;
using Nephos.Image.Images;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class UpdateTests
{
    private static Task<Reply> Patch(ImageHost host, string id, object changes, string token = ImageHost.Alice, string type = ImagePatch.Draft10) =>
        host.Send("PATCH", $"/v2/images/{id}", token, changes, type);

    [Theory, OnEachDatabase]
    public async Task Changes_of_both_drafts_are_applied_all_or_none(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.Create(new { name = "a", arch = "x86", tags = new[] { "t" } });
        var changed = await Patch(host, id, new object[]
        {
            new { op = "replace", path = "/name", value = "b" }, new { op = "add", path = "/os_distro", value = "debian" }, new { op = "remove", path = "/arch" },
            new { op = "replace", path = "/tags", value = new[] { "u", "v" } }, new { op = "add", path = "/min_disk", value = 7 }, new { op = "replace", path = "/protected", value = true },
            new { op = "add", path = "/a~1b~0c", value = "odd" },
        });
        Assert.Equal(200, changed.Status);
        Assert.Equal(("b", "debian", null, "7", "true", "odd"), (changed["name"], changed["os_distro"], changed["arch"], changed["min_disk"], changed["protected"], changed["a/b~c"]));
        Assert.Equal("[\"u\",\"v\"]", changed.Json["tags"]!.ToJsonString());
        Assert.Equal(409, (await Patch(host, id, new object[] { new { op = "replace", path = "/name", value = "c" }, new { op = "remove", path = "/nope" } })).Status);
        Assert.Equal("b", (await host.Get($"/v2/images/{id}"))["name"]);
        Assert.Equal(403, (await host.Send("DELETE", $"/v2/images/{id}", ImageHost.Alice)).Status);

        var old = await Patch(host, id, new object[] { new { replace = "/protected", value = false }, new { add = "/new", value = "1" } }, type: ImagePatch.Draft4);
        Assert.Equal(("false", "1"), (old["protected"], old["new"]));
        Assert.Contains("already present", (await Patch(host, id, new object[] { new { add = "/new", value = "2" } }, type: ImagePatch.Draft4)).Text, StringComparison.Ordinal);
        Assert.Equal("2", (await Patch(host, id, new object[] { new { op = "add", path = "/new", value = "2" } }))["new"]);
    }

    [Theory]
    [InlineData("""{"op":"add"}""", 400)]
    [InlineData("""[1]""", 400)]
    [InlineData("""[{"path":"/name","value":"x"}]""", 400)]
    [InlineData("""[{"op":"move","path":"/name"}]""", 400)]
    [InlineData("""[{"op":"replace","value":"x"}]""", 400)]
    [InlineData("""[{"op":"replace","path":"name","value":"x"}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/name"}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/name/x","value":"x"}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/name//x","value":"x"}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/name~2","value":"x"}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/name/","value":"x"}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/name","value":1}]""", 400)]
    [InlineData("""[{"op":"add","path":"/x","value":1}]""", 400)]
    [InlineData("""[{"op":"add","path":"/x","value":null}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/visibility","value":"none"}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/min_ram","value":-1}]""", 400)]
    [InlineData("""[{"op":"replace","path":"/x","value":"1"}]""", 409)]
    [InlineData("""[{"op":"remove","path":"/x"}]""", 409)]
    [InlineData("""[{"op":"remove","path":"/name"}]""", 403)]
    [InlineData("""[{"op":"replace","path":"/status","value":"active"}]""", 403)]
    [InlineData("""[{"op":"replace","path":"/id","value":"x"}]""", 403)]
    [InlineData("""[{"op":"add","path":"/deleted","value":"x"}]""", 403)]
    [InlineData("""[{"op":"add","path":"/os_glance_x","value":"x"}]""", 403)]
    [InlineData("""[{"op":"replace","path":"/owner","value":"bob"}]""", 403)]
    [InlineData("""[{"op":"add","path":"/owner","value":"bob"}]""", 403)]
    [InlineData("""[{"op":"replace","path":"/visibility","value":"public"}]""", 403)]
    [InlineData("""[{"op":"replace","path":"/disk_format","value":"iso"}]""", 403)]
    [InlineData("""[{"op":"replace","path":"/locations","value":[]}]""", 403)]
    [InlineData("""[{"op":"add","path":"/locations/-","value":{"url":"file:///etc/passwd","metadata":{}}}]""", 403)]
    [InlineData("""[{"op":"remove","path":"/locations/0"}]""", 403)]
    public async Task Changes_that_may_not_be_are_refused(string body, int status)
    {
        await using var host = await ImageHost.Start();
        var id = await host.CreateRaw("a", new byte[3]);
        Assert.Equal(status, (await Patch(host, id, body)).Status);
    }

    [Fact]
    public async Task Other_media_types_are_refused_and_no_changes_change_nothing()
    {
        await using var host = await ImageHost.Start();
        var id = await host.CreateRaw("a");
        Assert.Equal(415, (await Patch(host, id, "[]", type: "application/json")).Status);
        Assert.Equal(200, (await Patch(host, id, "[]")).Status);
        Assert.Equal("bob", (await Patch(host, id, new object[] { new { op = "replace", path = "/owner", value = "bob" } }, ImageHost.Admin))["owner"]);
    }

    [Theory, OnEachDatabase]
    public async Task Changes_at_once_are_all_kept(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.CreateRaw("a");
        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Patch(host, id, new object[] { new { op = "add", path = $"/p{i}", value = "1" } }))));
        Assert.All(replies, r => Assert.Equal(200, r.Status));
        var image = await host.Get($"/v2/images/{id}");
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal("1", image[$"p{i}"]));
    }

    [Fact]
    public void Random_changes_do_what_they_do_to_a_map()
    {
        var random = new Random(99);
        string[] names = ["a", "b", "c/d", "e~f", "g h"];
        for (var round = 0; round < 2000; round++)
        {
            var model = names.Where(_ => random.Next(2) == 0).ToDictionary(n => n, n => "0");
            var image = new StoredImage(new ImageRow { Id = NewId.Uuid(), Status = "active", Visibility = "shared", CreatedAt = default, UpdatedAt = default }, new Dictionary<string, string>(model), [], []);
            var (patch, refused) = (new JsonArray(), false);
            for (var i = 0; i < random.Next(1, 6); i++)
            {
                var (name, value, verb) = (names[random.Next(names.Length)], $"{random.Next(3)}", random.Next(3));
                patch.Add(new JsonObject { ["op"] = ((string[])["add", "remove", "replace"])[verb], ["path"] = "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal), ["value"] = value });
                refused |= verb > 0 && !model.ContainsKey(name);
                if (verb == 1) model.Remove(name);
                else model[name] = value;
            }
            var changes = ImagePatch.Parse(JsonSerializer.SerializeToElement(patch), ImagePatch.Draft10);
            if (refused) Assert.Equal(FaultKind.Conflict, Assert.Throws<Fault>(() => ImageUpdate.Apply(image, changes, new CountOptions())).Kind);
            else Assert.Equal(model.OrderBy(p => p.Key), ImageUpdate.Apply(image, changes, new CountOptions()).Properties.OrderBy(p => p.Key));
        }
    }

    [Theory, OnEachDatabase]
    public async Task Tags_are_put_and_taken_away(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.CreateRaw("a");
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/tags/one", ImageHost.Alice)).Status);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/tags/one", ImageHost.Alice)).Status);
        Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/tags/a%20b%2Fc", ImageHost.Alice)).Status);
        Assert.Equal("[\"a b/c\",\"one\"]", (await host.Get($"/v2/images/{id}")).Json["tags"]!.ToJsonString());
        Assert.Equal(400, (await host.Send("PUT", $"/v2/images/{id}/tags/{new string('x', 256)}", ImageHost.Alice)).Status);
        Assert.Equal(204, (await host.Send("DELETE", $"/v2/images/{id}/tags/one", ImageHost.Alice)).Status);
        Assert.Equal(404, (await host.Send("DELETE", $"/v2/images/{id}/tags/one", ImageHost.Alice)).Status);
        Assert.Equal(404, (await host.Send("PUT", $"/v2/images/{NewId.Uuid()}/tags/one", ImageHost.Alice)).Status);
        Assert.Equal(413, (await host.Send("POST", "/v2/images", ImageHost.Alice, new { tags = Enumerable.Range(0, 129).Select(i => $"t{i}") })).Status);
        Assert.Equal(413, (await host.Send("POST", "/v2/images", ImageHost.Alice, Enumerable.Range(0, 129).ToDictionary(i => $"p{i}", _ => "x"))).Status);
    }

    [Theory, OnEachDatabase]
    public async Task A_deactivated_image_is_not_downloaded_until_it_is_reactivated(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        var id = await host.CreateRaw("a", new byte[3]);
        Assert.Equal(403, (await host.Send("POST", $"/v2/images/{await host.CreateRaw("queued")}/actions/deactivate", ImageHost.Alice)).Status);
        Assert.Equal(204, (await host.Send("POST", $"/v2/images/{id}/actions/deactivate", ImageHost.Alice)).Status);
        Assert.Equal(204, (await host.Send("POST", $"/v2/images/{id}/actions/deactivate", ImageHost.Alice)).Status);
        Assert.Equal(("deactivated", 403), ((await host.Get($"/v2/images/{id}"))["status"], (await host.Get($"/v2/images/{id}/file")).Status));
        Assert.Equal(200, (await host.Get($"/v2/images/{id}/file", ImageHost.Admin)).Status);
        Assert.Equal(204, (await host.Send("POST", $"/v2/images/{id}/actions/reactivate", ImageHost.Alice)).Status);
        Assert.Equal(200, (await host.Get($"/v2/images/{id}/file")).Status);
    }

    [Theory]
    [InlineData("""{"disk_format":"wrong"}""", 400)]
    [InlineData("""{"container_format":"wrong"}""", 400)]
    [InlineData("""{"disk_format":null,"container_format":null,"name":null}""", 201)]
    [InlineData("""{"id":"nope"}""", 400)]
    [InlineData("""{"x":1}""", 400)]
    [InlineData("""{"min_disk":-1}""", 400)]
    [InlineData("""{"min_disk":99999999999}""", 400)]
    [InlineData("""{"tags":"x"}""", 400)]
    [InlineData("""[]""", 400)]
    [InlineData("""{""", 400)]
    [InlineData("", 400)]
    [InlineData("""{"status":"active"}""", 403)]
    [InlineData("""{"self":"x"}""", 403)]
    [InlineData("""{"os_glance_x":"x"}""", 403)]
    [InlineData("""{"deleted":"x"}""", 403)]
    [InlineData("""{"owner":"bob"}""", 403)]
    [InlineData("""{"locations":[]}""", 403)]
    public async Task A_new_image_is_checked(string body, int status)
    {
        await using var host = await ImageHost.Start();
        Assert.Equal(status, (await host.Send("POST", "/v2/images", ImageHost.Alice, body)).Status);
    }

    [Fact]
    public async Task A_wrong_value_is_explained_as_upstream_does()
    {
        await using var host = await ImageHost.Start();
        var text = (await host.Send("POST", "/v2/images", ImageHost.Alice, new { name = 5 }, null, ("Accept", "application/json")))["message"]!;
        Assert.StartsWith("Provided object does not match schema 'image': 5 is not of type 'null', 'string'\n\nFailed validating 'type' in schema['properties']['name']:", text, StringComparison.Ordinal);
        Assert.Contains("\n\nOn instance['name']:\n    5", text, StringComparison.Ordinal);
    }
}
