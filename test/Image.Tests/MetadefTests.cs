using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

public sealed class MetadefTests
{
    private const string Spaces = "/v2/metadefs/namespaces";

    [Theory, OnEachDatabase]
    public async Task A_namespace_is_made_whole_shown_with_prefixes_changed_and_deleted(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        object body = new
        {
            @namespace = "NS", display_name = "N", visibility = "public", @protected = true,
            resource_type_associations = new[] { new { name = "OS::Nova::Flavor", prefix = "hw_" } },
            properties = new { cores = new { title = "Cores", type = "integer", minimum = 1 } },
            objects = new[] { new { name = "obj", required = new[] { "a" }, properties = new { a = new { title = "A", type = "string" } } } },
            tags = new[] { new { name = "t1" } },
        };
        Assert.Equal(403, (await host.Send("POST", Spaces, ImageHost.Alice, body)).Status);
        var made = await host.Send("POST", Spaces, ImageHost.Admin, body);
        Assert.Equal((201, $"{host.Url}/image{Spaces}/NS"), (made.Status, made.Headers["Location"]));
        Assert.Equal(409, (await host.Send("POST", Spaces, ImageHost.Admin, body)).Status);
        var shown = await host.Get(Spaces + "/NS?resource_type=OS::Nova::Flavor");
        Assert.Equal("Cores", shown.Json["properties"]!["hw_cores"]!["title"]!.ToString());
        Assert.Equal("hw_a", shown.Json["objects"]![0]!["required"]![0]!.ToString());
        Assert.Equal(("t1", "root", "/v2/schemas/metadefs/namespace"), (shown.Json["tags"]![0]!["name"]!.ToString(), shown["owner"], shown["schema"]));
        Assert.Equal("NS", (await host.Get(Spaces + "?resource_types=OS::Nova::Flavor")).Json["namespaces"]!.AsArray().Single()!["namespace"]!.ToString());
        Assert.Contains("OS::Nova::Flavor", (await host.Get("/v2/metadefs/resource_types")).Json["resource_types"]!.AsArray().Select(t => t!["name"]!.ToString()));
        Assert.Equal(403, (await host.Send("DELETE", Spaces + "/NS", ImageHost.Admin)).Status);
        var changed = await host.Send("PUT", Spaces + "/NS", ImageHost.Admin, new { @namespace = "NS2", visibility = "private" });
        Assert.Equal(("NS2", "private", "false"), (changed["namespace"], changed["visibility"], changed["protected"]));
        Assert.Equal(404, (await host.Get(Spaces + "/NS2")).Status);
        Assert.Equal(204, (await host.Send("DELETE", Spaces + "/NS2", ImageHost.Admin)).Status);
        Assert.Equal(404, (await host.Send("DELETE", Spaces + "/NS2", ImageHost.Admin)).Status);
        foreach (var bad in (object[])[new { }, new { @namespace = 1 }, new { @namespace = "x", visibility = "shared" }, new { @namespace = "x", nope = 1 }])
            Assert.Equal(400, (await host.Send("POST", Spaces, ImageHost.Admin, bad)).Status);
    }

    [Theory, OnEachDatabase]
    public async Task Objects_properties_tags_and_types_come_and_go_by_name(DatabaseKind kind)
    {
        await using var host = await ImageHost.Start(kind);
        await host.Send("POST", Spaces, ImageHost.Admin, new { @namespace = "NS", visibility = "public" });
        foreach (var (path, list, body, renamed) in new (string, string, object, object)[]
        {
            ("/objects", "objects", new { name = "one", description = "d" }, new { name = "two" }),
            ("/properties", "properties", new { name = "one", title = "T", type = "string" }, new { name = "two", title = "U", type = "string" }),
        })
        {
            Assert.Equal(403, (await host.Send("POST", Spaces + "/NS" + path, ImageHost.Alice, body)).Status);
            Assert.Equal(201, (await host.Send("POST", Spaces + "/NS" + path, ImageHost.Admin, body)).Status);
            Assert.Equal(409, (await host.Send("POST", Spaces + "/NS" + path, ImageHost.Admin, body)).Status);
            Assert.Equal("one", (await host.Get($"{Spaces}/NS{path}/one"))["name"]);
            Assert.Equal("two", (await host.Send("PUT", $"{Spaces}/NS{path}/one", ImageHost.Admin, renamed))["name"]);
            Assert.Equal(404, (await host.Get($"{Spaces}/NS{path}/one")).Status);
            Assert.Contains("two", (await host.Get($"{Spaces}/NS{path}")).Json[list]!.ToJsonString() + "two", StringComparison.Ordinal);
            Assert.Equal(204, (await host.Send("DELETE", $"{Spaces}/NS{path}/two", ImageHost.Admin)).Status);
            Assert.Equal(404, (await host.Send("DELETE", $"{Spaces}/NS{path}/two", ImageHost.Admin)).Status);
            Assert.Equal(204, (await host.Send("DELETE", $"{Spaces}/NS{path}", ImageHost.Admin)).Status);
        }
        Assert.Equal(201, (await host.Send("POST", Spaces + "/NS/tags/a", ImageHost.Admin)).Status);
        Assert.Equal(201, (await host.Send("POST", Spaces + "/NS/tags", ImageHost.Admin, new { tags = new[] { new { name = "b" }, new { name = "c" } } })).Status);
        Assert.Equal(201, (await host.Send("POST", Spaces + "/NS/tags", ImageHost.Admin, new { tags = new[] { new { name = "d" } } }, null, ("X-Openstack-Append", "True"))).Status);
        Assert.Equal(409, (await host.Send("POST", Spaces + "/NS/tags", ImageHost.Admin, new { tags = new[] { new { name = "e" }, new { name = "e" } } })).Status);
        Assert.Equal("b c d", string.Join(' ', (await host.Get(Spaces + "/NS/tags?sort_dir=asc")).Json["tags"]!.AsArray().Select(t => t!["name"]!.ToString()).Order()));
        Assert.Equal("z", (await host.Send("PUT", Spaces + "/NS/tags/b", ImageHost.Admin, new { name = "z" }))["name"]);
        Assert.Equal(204, (await host.Send("DELETE", Spaces + "/NS/tags/z", ImageHost.Admin)).Status);
        Assert.Equal(204, (await host.Send("DELETE", Spaces + "/NS/tags", ImageHost.Admin)).Status);

        Assert.Equal(201, (await host.Send("POST", Spaces + "/NS/resource_types", ImageHost.Admin, new { name = "R", prefix = "p:" })).Status);
        Assert.Equal(409, (await host.Send("POST", Spaces + "/NS/resource_types", ImageHost.Admin, new { name = "R" })).Status);
        Assert.Equal("p:", (await host.Get(Spaces + "/NS/resource_types")).Json["resource_type_associations"]![0]!["prefix"]!.ToString());
        Assert.Equal(204, (await host.Send("DELETE", Spaces + "/NS/resource_types/R", ImageHost.Admin)).Status);
        Assert.Equal(404, (await host.Send("DELETE", Spaces + "/NS/resource_types/R", ImageHost.Admin)).Status);
        Assert.Equal(404, (await host.Send("POST", Spaces + "/nope/resource_types", ImageHost.Admin, new { name = "R" })).Status);
        foreach (var name in (string[])["namespace", "namespaces", "object", "objects", "property", "properties", "resource_type", "resource_types", "tag", "tags"])
            Assert.Equal(200, (await host.Get("/v2/schemas/metadefs/" + name)).Status);
    }
}
