using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Unified limits after upstream's two models.</summary>
public sealed class LimitTests
{
    private sealed record World(IdentityCloud Cloud, Client Admin, string Service, string Domain, string Project) : IAsyncDisposable
    {
        public static async Task<World> Make(DatabaseKind kind, bool strict)
        {
            var cloud = await IdentityCloud.Start(kind, change: o => o with { StrictLimits = strict });
            var admin = await cloud.Admin();
            var service = await admin.Make("services", "service", new { type = "x" });
            (await admin.Post("v3/registered_limits", new { registered_limits = new[] { new { service_id = service, resource_name = "cores", default_limit = 10 } } })).Is(201);
            var domain = await admin.Make("domains", "domain", new { name = "d" });
            return new(cloud, admin, service, domain, await admin.Make("projects", "project", new { name = "p", domain_id = domain }));
        }

        public object Of(string kind, string id, int limit) => new Dictionary<string, object> { [kind] = id, ["service_id"] = Service, ["resource_name"] = "cores", ["resource_limit"] = limit };

        public Task<Reply> Set(params object[] limits) => Admin.Post("v3/limits", new { limits });

        public Task<Reply> Change(Reply made, int limit) => Admin.Patch($"v3/limits/{made["limits"][0]!["id"]}", new { limit = new { resource_limit = limit } });

        public ValueTask DisposeAsync() => Cloud.DisposeAsync();
    }

    [Theory, OnEachDatabase]
    public async Task A_project_has_no_more_than_its_domain_if_limits_are_strict(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, strict: true);
        Assert.Equal("strict_two_level", (string?)(await world.Admin.Get("v3/limits/model")).Is(200)["model"]["name"]);
        // The domain has the default.
        var refused = (await world.Set(world.Of("project_id", world.Project, 11))).Is(403);
        Assert.Equal($"Invalid resource limit: The resource limit (project_id: {world.Project}, resource_name: cores, resource_limit: 11, service_id: {world.Service}, region_id: None) doesn't satisfy current hierarchy model..",
            (string?)refused["error"]["message"]);
        (await world.Set(world.Of("project_id", world.Project, -1))).Is(403);
        // Both at once are measured against each other.
        (await world.Set(world.Of("domain_id", world.Domain, 5), world.Of("project_id", world.Project, 6))).Is(403);
        var domain = (await world.Set(world.Of("domain_id", world.Domain, 20))).Is(201);
        var project = (await world.Set(world.Of("project_id", world.Project, 15))).Is(201);
        (await world.Change(project, 21)).Is(403);
        (await world.Change(project, 20)).Is(200);
        (await world.Change(domain, 19)).Is(403);
        (await world.Change(domain, -1)).Is(200);
        (await world.Change(project, 1000)).Is(200);
        (await world.Change(project, -1)).Is(200);
        (await world.Change(domain, 1000)).Is(403);
        // There is no third level.
        (await world.Admin.Post("v3/projects", new { project = new { name = "below", domain_id = world.Domain, parent_id = world.Project } })).Is(403);
    }

    [Theory, OnEachDatabase]
    public async Task Flat_limits_stand_alone(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, strict: false);
        Assert.Equal("flat", (string?)(await world.Admin.Get("v3/limits/model")).Is(200)["model"]["name"]);
        (await world.Set(world.Of("project_id", world.Project, 1000))).Is(201);
        // A domain named as a project is a domain.
        var made = (await world.Set(world.Of("project_id", world.Domain, 5))).Is(201)["limits"][0]!;
        Assert.Equal((null, world.Domain), ((string?)made["project_id"], (string?)made["domain_id"]));
        (await world.Set(world.Of("domain_id", world.Domain, 6))).Is(409);
        foreach (var (limit, field) in new (object, string)[]
        {
            (world.Of("project_id", "absent", 1), "project_id"), (world.Of("domain_id", world.Project, 1), "domain_id"),
            (new { project_id = world.Project, service_id = "absent", resource_name = "cores", resource_limit = 1 }, "service_id"),
            (new { project_id = world.Project, service_id = world.Service, region_id = "absent", resource_name = "cores", resource_limit = 1 }, "region_id"),
        })
            Assert.StartsWith($"Expecting to find {field} in limit.", (string?)(await world.Set(limit)).Is(400)["error"]["message"], StringComparison.Ordinal);
        (await world.Set(new { project_id = world.Project, service_id = world.Service, resource_name = "ram", resource_limit = 1 })).Is(403);
    }
}
