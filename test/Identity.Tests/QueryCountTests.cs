using Microsoft.Extensions.DependencyInjection;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>What an answer costs does not grow with what is in it: as many statements for many as for few.</summary>
public sealed class QueryCountTests
{
    private sealed record World(IdentityCloud Cloud, Client Admin) : IAsyncDisposable
    {
        public static async Task<World> Make(DatabaseKind kind)
        {
            var cloud = await IdentityCloud.Start(kind);
            return new(cloud, await cloud.Admin());
        }

        /// <summary>Statements that an answer takes once the token is known.</summary>
        public async Task<int> Cost(Func<Task> ask)
        {
            (await Admin.Get("v3/regions")).Is(200);
            return await Cloud.Services.GetRequiredService<Database>().Statements("identity", except: "identity_audit_events", ask);
        }

        /// <summary>A domain with a tree of projects, users in groups, and roles of every kind for each.</summary>
        public async Task<Made> Domain(string name, int size)
        {
            var domain = await Admin.Make("domains", "domain", new { name });
            var role = await Admin.Make("roles", "role", new { name });
            var implied = await Admin.Make("roles", "role", new { name = name + "-implied" });
            (await Admin.Put($"v3/roles/{role}/implies/{implied}")).Is(201);
            var root = await Admin.Make("projects", "project", new { name = "root", domain_id = domain });
            var reader = await Admin.Make("users", "user", new { name = "reader", domain_id = domain, password = "x" });
            for (var i = 0; i < size; i++)
            {
                var project = await Admin.Make("projects", "project", new { name = $"p{i}", parent_id = root, domain_id = domain });
                var user = await Admin.Make("users", "user", new { name = $"u{i}", domain_id = domain });
                var group = await Admin.Make("groups", "group", new { name = $"g{i}", domain_id = domain });
                (await Admin.Put($"v3/groups/{group}/users/{user}")).Is(204);
                (await Admin.Put($"v3/projects/{project}/groups/{group}/roles/{role}")).Is(204);
                (await Admin.Put($"v3/OS-INHERIT/projects/{root}/users/{user}/roles/{role}/inherited_to_projects")).Is(204);
                (await Admin.Put($"v3/OS-INHERIT/domains/{domain}/groups/{group}/roles/{role}/inherited_to_projects")).Is(204);
                (await Admin.Put($"v3/projects/{project}/users/{reader}/roles/{role}")).Is(204);
            }
            return new(domain, root, reader, role);
        }

        public ValueTask DisposeAsync() => Cloud.DisposeAsync();
    }

    private sealed record Made(string Domain, string Root, string Reader, string Role);

    [Theory, OnEachDatabase]
    public async Task Many_cost_as_many_statements_as_few(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var (few, many) = (await world.Domain("few", 2), await world.Domain("many", 6));
        async Task Same(string what, Func<Made, Task<Reply>> ask, Func<Made, int> expected, Func<Reply, int> count)
        {
            var costs = new List<int>();
            foreach (var made in (Made[])[few, many])
                costs.Add(await world.Cost(async () => Assert.Equal(expected(made), count((await ask(made)).Is(200)))));
            Assert.True(costs[0] == costs[1], $"{what}: {costs[0]} statements for few, {costs[1]} for many.");
        }
        int Size(Made made) => made == few ? 2 : 6;
        // Below the root each user has the role and what it implies by a group on one project, from the root and from the domain on each; the reader has it on each.
        await Same("a tree", m => world.Admin.Get($"v3/role_assignments?effective&include_names&include_subtree&scope.project.id={m.Root}"),
            m => 2 * (Size(m) + Size(m) * Size(m) + Size(m) * (Size(m) + 1) + Size(m)), r => r["role_assignments"].AsArray().Count);
        await Same("a role anywhere", m => world.Admin.Get($"v3/role_assignments?effective&include_names&role.id={m.Role}"),
            m => Size(m) + Size(m) * Size(m) + Size(m) * (Size(m) + 1) + Size(m), r => r["role_assignments"].AsArray().Count);
        await Same("as given", m => world.Admin.Get($"v3/role_assignments?include_names&role.id={m.Role}"), m => 4 * Size(m), r => r["role_assignments"].AsArray().Count);
        await Same("a user's projects", m => world.Admin.Get($"v3/users/{m.Reader}/projects"), Size, r => r["projects"].AsArray().Count);
        await Same("a subtree", m => world.Admin.Get($"v3/projects/{m.Root}?subtree_as_ids"), Size, r => r["project"]["subtree"]!.AsObject().Count);

        var costs = new List<int>();
        foreach (var made in (Made[])[few, many])
        {
            (await world.Admin.Patch($"v3/domains/{made.Domain}", new { domain = new { enabled = false } })).Is(200);
            costs.Add(await world.Cost(async () => (await world.Admin.Delete($"v3/domains/{made.Domain}")).Is(204)));
            (await world.Admin.Get($"v3/projects/{made.Root}")).Is(404);
            (await world.Admin.Get($"v3/users/{made.Reader}")).Is(404);
            Assert.Empty((await world.Admin.Get($"v3/role_assignments?role.id={made.Role}")).Is(200)["role_assignments"].AsArray());
        }
        Assert.Equal(costs[0], costs[1]);
    }
}
