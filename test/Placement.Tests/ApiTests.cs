using System.Text.Json.Nodes;
using Nephos.Contracts;
using Nephos.Testing;
using Xunit;

namespace Nephos.Placement.Tests;

public sealed class ApiTests
{
    private static readonly object Small = new { VCPU = 4, MEMORY_MB = 1024 };

    [Theory, OnEachDatabase]
    public async Task Providers_form_trees_and_are_deleted_from_the_leaves(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        var root = await host.Provider("root", Small);
        var child = await host.Provider("child", new { VGPU = 1 }, root);
        var shown = await host.Get($"/resource_providers/{child}");
        Assert.Equal((root, root, "1"), (shown["parent_provider_uuid"], shown["root_provider_uuid"], shown["generation"]));
        Assert.Equal($"/placement/resource_providers/{child}", shown.Json["links"]![0]!["href"]!.ToString());
        Assert.Equal(["self", "inventories", "usages", "aggregates", "traits", "allocations"], shown.Json["links"]!.AsArray().Select(l => l!["rel"]!.ToString()));
        Assert.Null((await host.Get($"/resource_providers/{child}", "1.13")).Json["parent_provider_uuid"]);
        Assert.Equal(2, (await host.Get($"/resource_providers?in_tree={child}")).Json["resource_providers"]!.AsArray().Count);

        var refused = await host.Send("DELETE", $"/resource_providers/{root}");
        Assert.Equal((409, "placement.resource_provider.cannot_delete_parent"), (refused.Status, refused.Code));
        Assert.Equal(400, (await host.Send("PUT", $"/resource_providers/{child}", new { name = "child", parent_provider_uuid = (string?)null }, "1.36")).Status);
        var moved = await host.Send("PUT", $"/resource_providers/{child}", new { name = "alone", parent_provider_uuid = (string?)null });
        Assert.Equal((200, child, "alone"), (moved.Status, moved["root_provider_uuid"], moved["name"]));
        Assert.Equal(400, (await host.Send("PUT", $"/resource_providers/{child}", new { name = "alone", parent_provider_uuid = child })).Status);
        Assert.Equal("placement.duplicate_name", (await host.Send("POST", "/resource_providers", new { name = "root" })).Code);
        Assert.Equal(409, (await host.Send("PUT", $"/resource_providers/{child}", new { name = "root" })).Status);
        Assert.Equal(204, (await host.Send("DELETE", $"/resource_providers/{root}")).Status);
        var gone = await host.Get($"/resource_providers/{root}");
        Assert.Equal($"The resource could not be found.\n\n No resource provider with uuid {root} found  ", gone.Error["detail"]!.ToString());
        Assert.Equal(404, (await host.Send("DELETE", $"/resource_providers/{root}")).Status);
    }

    [Fact]
    public async Task Answers_follow_the_version()
    {
        await using var host = await PlacementHost.Start();
        var old = await host.Send("POST", "/resource_providers", new { name = "a" }, "1.19");
        Assert.Equal((201, ""), (old.Status, old.Text));
        Assert.Matches("^http://[^/]+/placement/resource_providers/", old.Headers["Location"]);
        Assert.Equal(200, (await host.Send("POST", "/resource_providers", new { name = "b" }, "1.20")).Status);
        Assert.False((await host.Get("/resource_providers", "1.14")).Headers.ContainsKey("Last-Modified"));
        Assert.Equal("no-cache", (await host.Get("/resource_providers", "1.15")).Headers["Cache-Control"]);
        Assert.Equal(404, (await host.Get("/traits", "1.5")).Status);
        Assert.Null((await host.Get("/nothing", "1.22")).Code);
        Assert.Equal("placement.undefined_code", (await host.Get("/nothing", "1.23")).Code);
        var beyond = await host.Get("/resource_providers", "1.40");
        Assert.Equal((406, "1.39", "1.0"), (beyond.Status, beyond.Error["max_version"]!.ToString(), beyond.Error["min_version"]!.ToString()));
        Assert.Equal(405, (await host.Send("PATCH", "/resource_providers")).Status);
        Assert.Equal(405, (await host.Send("DELETE", $"/resource_providers/{(await host.Get("/resource_providers")).Json["resource_providers"]![0]!["uuid"]}/inventories", null, "1.4")).Status);
        var home = await host.Send("GET", "/", null, "1.0", null);
        Assert.Equal(("1.39", "1.0"), (home.Json["versions"]![0]!["max_version"]!.ToString(), home.Json["versions"]![0]!["min_version"]!.ToString()));
        Assert.Equal(401, (await host.Send("GET", "/resource_providers", token: null)).Status);
        Assert.Equal(403, (await host.Send("GET", "/resource_providers", token: PlacementHost.Reader)).Status);
    }

    [Theory, OnEachDatabase]
    public async Task Inventories_are_guarded_by_the_providers_generation(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        var id = await host.Provider("one", Small);
        var path = $"/resource_providers/{id}/inventories";
        var all = await host.Get(path);
        Assert.Equal(("1", "4", "2147483647"), (all["resource_provider_generation"], all.Json["inventories"]!["VCPU"]!["total"]!.ToString(), all.Json["inventories"]!["VCPU"]!["max_unit"]!.ToString()));
        var stale = await host.Send("PUT", path, new { resource_provider_generation = 0, inventories = new { } });
        Assert.Equal((409, "placement.concurrent_update"), (stale.Status, stale.Code));
        Assert.Equal(201, (await host.Send("POST", path, new { resource_class = "DISK_GB", total = 10 })).Status);
        Assert.Equal(409, (await host.Send("POST", path, new { resource_class = "DISK_GB", total = 10 })).Status);
        Assert.Equal(400, (await host.Send("POST", path, new { resource_class = "CUSTOM_NOPE", total = 10 })).Status);
        Assert.Equal(400, (await host.Send("POST", path, new { resource_class = "VGPU", total = 10, reserved = 11 })).Status);
        Assert.Equal(400, (await host.Send("POST", path, new { resource_class = "VGPU", total = 10, reserved = 10 }, "1.25")).Status);
        Assert.Equal(200, (await host.Send("PUT", path + "/DISK_GB", new { resource_provider_generation = 2, total = 20, allocation_ratio = 1.5 })).Status);
        Assert.Equal("1.5", (await host.Get(path + "/DISK_GB"))["allocation_ratio"]);
        Assert.Equal(404, (await host.Get(path + "/VGPU")).Status);

        var consumer = NewId.Uuid();
        Assert.Equal(204, (await Allocate(host, consumer, id, new { DISK_GB = 5 })).Status);
        Assert.Equal("placement.concurrent_update", (await host.Send("DELETE", path + "/DISK_GB")).Code);
        Assert.Equal("placement.inventory.inuse", (await host.Send("DELETE", path)).Code);
        Assert.Equal(409, (await host.Send("DELETE", $"/resource_providers/{id}")).Status);
        Assert.Equal(204, (await host.Send("DELETE", $"/allocations/{consumer}")).Status);
        Assert.Equal(204, (await host.Send("DELETE", path + "/DISK_GB")).Status);
        Assert.Equal(404, (await host.Send("DELETE", path + "/DISK_GB")).Status);
        Assert.Equal(204, (await host.Send("DELETE", path)).Status);
    }

    [Theory, OnEachDatabase]
    public async Task Allocations_are_replaced_as_a_whole_and_guarded_by_the_consumers_generation(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        var (a, b, consumer) = (await host.Provider("a", Small), await host.Provider("b", Small), NewId.Uuid());
        Assert.Equal(204, (await Allocate(host, consumer, a, new { VCPU = 4 })).Status);
        Assert.Equal("placement.concurrent_update", (await Allocate(host, consumer, a, new { VCPU = 4 })).Code);
        Assert.Equal(204, (await Allocate(host, consumer, a, new { VCPU = 3, MEMORY_MB = 10 }, 1)).Status);
        var shown = await host.Get($"/allocations/{consumer}");
        Assert.Equal(("p", "u", "2", "INSTANCE"), (shown["project_id"], shown["user_id"], shown["consumer_generation"], shown["consumer_type"]));
        Assert.Equal("""{"MEMORY_MB":10,"VCPU":3}""", shown.Json["allocations"]![a]!["resources"]!.ToJsonString());
        var over = await Allocate(host, NewId.Uuid(), a, new { VCPU = 2 });
        Assert.Equal(409, over.Status);
        Assert.Contains("would exceed the capacity", over.Text, StringComparison.Ordinal);
        Assert.Equal(204, (await Allocate(host, consumer, b, new { VCPU = 1 }, 2)).Status);
        Assert.Equal("""{"MEMORY_MB":0,"VCPU":0}""", (await host.Get($"/resource_providers/{a}/usages")).Json["usages"]!.ToJsonString());
        Assert.Equal("1", (await host.Get($"/resource_providers/{b}/allocations")).Json["allocations"]![consumer.ToString()]!["resources"]!["VCPU"]!.ToString());
        Assert.Equal(400, (await Allocate(host, NewId.Uuid(), NewId.Uuid().ToString(), new { VCPU = 1 })).Status);
        Assert.Equal(400, (await Allocate(host, NewId.Uuid(), a, new { CUSTOM_NOPE = 1 })).Status);
        Assert.Equal(409, (await Allocate(host, NewId.Uuid(), a, new { DISK_GB = 1 })).Status);

        // All or nothing: the second consumer does not fit, so the first keeps what it had.
        var other = NewId.Uuid();
        var many = new JsonObject { [consumer.ToString()] = Body(a, new { VCPU = 1 }, 3), [other.ToString()] = Body(b, new { VCPU = 5 }, null) };
        Assert.Equal(409, (await host.Send("POST", "/allocations", many)).Status);
        Assert.Equal("1", (await host.Get($"/resource_providers/{b}/usages")).Json["usages"]!["VCPU"]!.ToString());
        many[other.ToString()] = Body(b, new { VCPU = 4 }, null);
        Assert.Equal(204, (await host.Send("POST", "/allocations", many)).Status);
        Assert.Equal("""{"INSTANCE":{"VCPU":5,"consumer_count":2}}""", (await host.Get("/usages?project_id=p")).Json["usages"]!.ToJsonString());
        Assert.Equal("""{"VCPU":5}""", (await host.Get("/usages?project_id=p", "1.37")).Json["usages"]!.ToJsonString());
        Assert.Equal(403, (await host.Send("GET", "/usages?project_id=p", token: PlacementHost.Reader)).Status);
        Assert.Equal(200, (await host.Send("GET", "/usages?project_id=alice", token: PlacementHost.Reader)).Status);

        Assert.Equal(204, (await host.Send("PUT", $"/allocations/{consumer}", Body(a, null, 4))).Status);
        Assert.Equal("{}", (await host.Get($"/allocations/{consumer}")).Json["allocations"]!.ToJsonString());
        Assert.Equal(404, (await host.Send("DELETE", $"/allocations/{consumer}")).Status);
    }

    [Fact]
    public async Task Old_bodies_of_allocations_are_lists()
    {
        await using var host = await PlacementHost.Start();
        var (id, consumer) = (await host.Provider("a", Small), NewId.Uuid());
        var list = new[] { new { resource_provider = new { uuid = id }, resources = new { VCPU = 1 } } };
        Assert.Equal(204, (await host.Send("PUT", $"/allocations/{consumer}", new { allocations = list }, "1.0")).Status);
        Assert.Equal(400, (await host.Send("PUT", $"/allocations/{consumer}", new { allocations = list }, "1.8")).Status);
        Assert.Equal(204, (await host.Send("PUT", $"/allocations/{consumer}", new { allocations = list, project_id = "p", user_id = "u" }, "1.11")).Status);
        Assert.Null((await host.Get($"/allocations/{consumer}", "1.11")).Json["project_id"]);
        Assert.Equal("unknown", (await host.Get($"/allocations/{consumer}"))["consumer_type"]);
        Assert.Equal(400, (await host.Send("PUT", "/allocations/nope", Body(id, new { VCPU = 1 }, null))).Status);
    }

    [Theory, OnEachDatabase]
    public async Task A_reshape_moves_inventory_and_allocations_to_a_child_at_once(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        var (root, consumer) = (await host.Provider("root", new { VCPU = 4, VGPU = 2 }), NewId.Uuid());
        await Allocate(host, consumer, root, new { VCPU = 1, VGPU = 1 });
        var child = await host.Provider("child", new { }, root);
        var allocations = new JsonObject { [consumer.ToString()] = Body(root, new { VCPU = 1 }, 1) };
        allocations[consumer.ToString()]!["allocations"]![child] = new JsonObject { ["resources"] = new JsonObject { ["VGPU"] = 1 } };
        object Reshape(long generation) => new
        {
            inventories = new Dictionary<string, object>
            {
                [root] = new { resource_provider_generation = generation, inventories = new { VCPU = new { total = 4 } } },
                [child] = new { resource_provider_generation = 1, inventories = new { VGPU = new { total = 2 } } },
            },
            allocations,
        };
        Assert.Equal("placement.concurrent_update", (await host.Send("POST", "/reshaper", Reshape(1), token: "services:service")).Code);
        Assert.Equal(403, (await host.Send("POST", "/reshaper", Reshape(2))).Status);
        Assert.Equal(204, (await host.Send("POST", "/reshaper", Reshape(2), token: "services:service")).Status);
        Assert.Equal("""{"VCPU":1}""", (await host.Get($"/resource_providers/{root}/usages")).Json["usages"]!.ToJsonString());
        Assert.Equal("""{"VGPU":1}""", (await host.Get($"/resource_providers/{child}/usages")).Json["usages"]!.ToJsonString());
    }

    [Theory, OnEachDatabase]
    public async Task Traits_and_classes_are_standard_or_custom(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        Assert.Equal(201, (await host.Send("PUT", "/traits/CUSTOM_A")).Status);
        Assert.Equal(204, (await host.Send("PUT", "/traits/CUSTOM_A")).Status);
        Assert.Equal(400, (await host.Send("PUT", "/traits/HW_CPU_X86_AVX")).Status);
        Assert.Equal(204, (await host.Get("/traits/HW_CPU_X86_AVX")).Status);
        Assert.Equal(404, (await host.Get("/traits/CUSTOM_B")).Status);
        Assert.Equal(400, (await host.Send("DELETE", "/traits/HW_CPU_X86_AVX")).Status);
        Assert.True((await host.Get("/traits")).Json["traits"]!.AsArray().Count > 300);
        Assert.Equal("""["CUSTOM_A"]""", (await host.Get("/traits?name=startswith:CUSTOM")).Json["traits"]!.ToJsonString());
        Assert.Equal(400, (await host.Get("/traits?name=x")).Status);
        var id = await host.Provider("one", Small);
        await host.SetTraits(id, "CUSTOM_A", "HW_CPU_X86_AVX");
        Assert.Equal("""["CUSTOM_A","HW_CPU_X86_AVX"]""", (await host.Get($"/resource_providers/{id}/traits")).Json["traits"]!.ToJsonString());
        Assert.Equal("""["CUSTOM_A","HW_CPU_X86_AVX"]""", (await host.Get("/traits?associated=true")).Json["traits"]!.AsArray().Select(t => t!.ToString()).Order().Aggregate("[", (x, y) => x + (x.Length > 1 ? "," : "") + $"\"{y}\"") + "]");
        Assert.Equal(409, (await host.Send("DELETE", "/traits/CUSTOM_A")).Status);
        Assert.Equal(400, (await host.Send("PUT", $"/resource_providers/{id}/traits", new { resource_provider_generation = 2, traits = new[] { "CUSTOM_NOPE" } })).Status);
        Assert.Equal(204, (await host.Send("DELETE", $"/resource_providers/{id}/traits")).Status);
        Assert.Equal(204, (await host.Send("DELETE", "/traits/CUSTOM_A")).Status);

        Assert.Equal(201, (await host.Send("PUT", "/resource_classes/CUSTOM_X")).Status);
        Assert.Equal(204, (await host.Send("PUT", "/resource_classes/CUSTOM_X")).Status);
        Assert.Equal(409, (await host.Send("POST", "/resource_classes", new { name = "CUSTOM_X" })).Status);
        Assert.Equal(200, (await host.Send("PUT", "/resource_classes/CUSTOM_X", new { name = "CUSTOM_Y" }, "1.6")).Status);
        Assert.Equal(404, (await host.Get("/resource_classes/CUSTOM_X")).Status);
        Assert.Equal("CUSTOM_Y", (await host.Get("/resource_classes/CUSTOM_Y"))["name"]);
        Assert.Equal(400, (await host.Send("DELETE", "/resource_classes/VCPU")).Status);
        var used = await host.Provider("two", new { CUSTOM_Y = 3 });
        Assert.Equal(409, (await host.Send("DELETE", "/resource_classes/CUSTOM_Y")).Status);
        await host.Send("DELETE", $"/resource_providers/{used}");
        Assert.Equal(204, (await host.Send("DELETE", "/resource_classes/CUSTOM_Y")).Status);
        Assert.Equal("VCPU", (await host.Get("/resource_classes")).Json["resource_classes"]![0]!["name"]!.ToString());
    }

    [Theory, OnEachDatabase]
    public async Task Providers_are_found_by_what_they_have(DatabaseKind kind)
    {
        await using var host = await PlacementHost.Start(kind);
        var (a, b) = (await host.Provider("a", Small), await host.Provider("b", new { VCPU = 1 }));
        var (red, blue) = (NewId.Uuid(), NewId.Uuid());
        await host.SetTraits(a, "CUSTOM_GOLD");
        await host.SetAggregates(a, red, blue);
        await host.SetAggregates(b, red);
        async Task<string> Names(string query) => string.Join(' ', (await host.Get("/resource_providers?" + query)).Json["resource_providers"]!.AsArray().Select(p => p!["name"]!.ToString()));
        Assert.Equal("a b", await Names(""));
        Assert.Equal("a", await Names("resources=VCPU:2"));
        Assert.Equal("a", await Names("required=CUSTOM_GOLD"));
        Assert.Equal("b", await Names("required=!CUSTOM_GOLD"));
        Assert.Equal("a", await Names("required=in:CUSTOM_GOLD,HW_CPU_X86_AVX"));
        Assert.Equal("a b", await Names($"member_of=in:{red},{blue}"));
        Assert.Equal("a", await Names($"member_of={red}&member_of={blue}"));
        Assert.Equal("b", await Names($"member_of=!{blue}"));
        Assert.Equal("b", await Names("name=b"));
        Assert.Equal("a", await Names($"uuid={a.Replace("-", "", StringComparison.Ordinal)}"));
        foreach (var bad in (string[])["resources=VCPU", "resources=NOPE:1", "resources=VCPU:0", "required=NOPE", "required=", "member_of=x", "uuid=x", "what=1"])
            Assert.Equal(400, (await host.Get("/resource_providers?" + bad)).Status);
    }

    private static Task<Reply> Allocate(PlacementHost host, Guid consumer, string provider, object resources, long? generation = null) =>
        host.Send("PUT", $"/allocations/{consumer}", Body(provider, resources, generation));

    private static JsonObject Body(string provider, object? resources, long? generation) => new()
    {
        ["allocations"] = resources is null ? [] : new JsonObject { [provider] = new JsonObject { ["resources"] = System.Text.Json.JsonSerializer.SerializeToNode(resources) } },
        ["project_id"] = "p", ["user_id"] = "u", ["consumer_generation"] = generation, ["consumer_type"] = "INSTANCE",
    };
}
