using System.Text.Json.Nodes;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Who has which role where, by groups, trees and implication.</summary>
public sealed class AssignmentTests
{
    [Theory, OnEachDatabase]
    public async Task Grants_are_given_checked_listed_and_taken(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var user = await admin.Make("users", "user", new { name = "u" });
        var group = await admin.Make("groups", "group", new { name = "g" });
        var project = await admin.Make("projects", "project", new { name = "p" });
        var role = await admin.Make("roles", "role", new { name = "r" });
        foreach (var path in (string[])[$"projects/{project}/users/{user}", $"projects/{project}/groups/{group}", $"domains/default/users/{user}", $"domains/default/groups/{group}", $"system/users/{user}", $"system/groups/{group}"])
        {
            var one = $"v3/{path}/roles/{role}";
            (await admin.Head(one)).Is(404);
            (await admin.Delete(one)).Is(404);
            (await admin.Put($"v3/{path}/roles/absent")).Is(404);
            (await cloud.Nobody().Put(one)).Is(401);
            (await admin.Put(one)).Is(204);
            (await admin.Put(one)).Is(204);
            (await admin.Head(one)).Is(204);
            (await admin.Get(one)).Is(204);
            Assert.Equal("r", (string?)(await admin.Get($"v3/{path}/roles")).Is(200)["roles"][0]!["name"]);
            (await admin.Delete(one)).Is(204);
            (await admin.Head(one)).Is(404);
        }
        foreach (var path in (string[])[$"projects/{project}/users/{user}", $"projects/{project}/groups/{group}", $"domains/default/users/{user}", $"domains/default/groups/{group}"])
        {
            var one = $"v3/OS-INHERIT/{path}/roles/{role}/inherited_to_projects";
            (await admin.Put(one)).Is(204);
            (await admin.Head(one)).Is(204);
            (await admin.Head($"v3/{path}/roles/{role}")).Is(404);
            if (path.StartsWith("domains", StringComparison.Ordinal)) Assert.Single((await admin.Get($"v3/OS-INHERIT/{path}/roles/inherited_to_projects")).Is(200)["roles"].AsArray());
            (await admin.Delete(one)).Is(204);
        }
        (await admin.Put($"v3/projects/absent/users/{user}/roles/{role}")).Is(404);
        (await admin.Put($"v3/projects/{project}/users/absent/roles/{role}")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Effective_assignments_follow_groups_trees_and_implication(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var user = await admin.Make("users", "user", new { name = "u", password = "p" });
        var group = await admin.Make("groups", "group", new { name = "g" });
        var top = await admin.Make("projects", "project", new { name = "top" });
        var leaf = await admin.Make("projects", "project", new { name = "leaf", parent_id = top });
        var (prior, implied) = (await admin.Make("roles", "role", new { name = "prior" }), await admin.Make("roles", "role", new { name = "implied" }));
        (await admin.Put($"v3/roles/{prior}/implies/{implied}")).Is(201);
        (await admin.Put($"v3/groups/{group}/users/{user}")).Is(204);
        (await admin.Put($"v3/OS-INHERIT/projects/{top}/groups/{group}/roles/{prior}/inherited_to_projects")).Is(204);

        async Task<JsonArray> List(string query) => (await admin.Get("v3/role_assignments?" + query)).Is(200)["role_assignments"].AsArray();
        var given = Assert.Single(await List($"group.id={group}"))!;
        Assert.Equal("projects", (string?)given["scope"]!["OS-INHERIT:inherited_to"]);
        Assert.Empty(await List($"user.id={user}"));
        var effective = await List($"effective&include_names=true&user.id={user}");
        Assert.Equal(["implied", "prior"], effective.Select(a => (string)a!["role"]!["name"]!).Order());
        Assert.All(effective, a => Assert.Equal(leaf, (string?)a!["scope"]!["project"]!["id"]));
        Assert.All(effective, a => Assert.Equal("Default", (string?)a!["user"]!["domain"]!["name"]));
        Assert.Contains($"/groups/{group}/users/{user}", (string?)effective[0]!["links"]!["membership"], StringComparison.Ordinal);
        Assert.Equal(2, (await List($"effective&scope.project.id={leaf}")).Count);
        Assert.Empty(await List($"effective&scope.project.id={top}"));
        Assert.Equal(2, (await List($"effective&scope.project.id={top}&include_subtree")).Count);
        Assert.Single(await List($"effective&role.id={implied}"));
        Assert.Empty(await List($"effective&user.id={user}&scope.OS-INHERIT:inherited_to="));
        foreach (var bad in (string[])["scope.domain.id=a&scope.project.id=b", "user.id=a&group.id=b", "effective&group.id=a", "include_subtree", "scope.system=all&scope.domain.id=a"])
            (await admin.Get("v3/role_assignments?" + bad)).Is(400);

        var token = (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(user, "p"), Auth.Project(leaf)))).Is(201)["token"];
        Assert.Equal(["implied", "prior"], token["roles"]!.AsArray().Select(r => (string)r!["name"]!).Order());
        (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(user, "p"), Auth.Project(top)))).Is(401);
        var mine = await cloud.Login(Auth.PasswordOf(user, "p"));
        Assert.Equal([leaf], (await mine.Get("v3/auth/projects")).Is(200)["projects"].AsArray().Select(p => (string)p!["id"]!));
        Assert.Equal([leaf], (await mine.Get($"v3/users/{user}/projects")).Is(200)["projects"].AsArray().Select(p => (string)p!["id"]!));
        (await admin.Delete($"v3/groups/{group}/users/{user}")).Is(204);
        Assert.Empty((await mine.Get("v3/auth/projects")).Is(200)["projects"].AsArray());
    }

    [Theory, OnEachDatabase]
    public async Task Domain_roles_count_by_what_they_imply(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var user = await admin.Make("users", "user", new { name = "u", password = "p" });
        var project = await admin.Make("projects", "project", new { name = "p" });
        var other = await admin.Make("domains", "domain", new { name = "other" });
        var foreign = await admin.Make("roles", "role", new { name = "r", domain_id = other });
        var own = await admin.Make("roles", "role", new { name = "r", domain_id = "default" });
        var member = (string)(await admin.Get("v3/roles?name=member"))["roles"][0]!["id"]!;
        var top = (string)(await admin.Get("v3/roles?name=admin"))["roles"][0]!["id"]!;
        (await admin.Put($"v3/projects/{project}/users/{user}/roles/{foreign}")).Is(403);
        (await admin.Put($"v3/projects/{project}/users/{user}/roles/{own}")).Is(204);
        (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(user, "p"), Auth.Project(project)))).Is(401);
        (await admin.Put($"v3/roles/{own}/implies/{top}")).Is(403);
        (await admin.Put($"v3/roles/{own}/implies/{member}")).Is(201);
        var token = (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(user, "p"), Auth.Project(project)))).Is(201)["token"];
        Assert.Equal(["member", "reader"], token["roles"]!.AsArray().Select(r => (string)r!["name"]!).Order());
        Assert.Single((await admin.Get("v3/roles?domain_id=default")).Is(200)["roles"].AsArray());
        (await admin.Head($"v3/roles/{own}/implies/{member}")).Is(204);
        Assert.Contains((await admin.Get("v3/role_inferences")).Is(200)["role_inferences"].AsArray(), r => (string?)r!["prior_role"]!["id"] == own);
        (await admin.Delete($"v3/roles/{own}/implies/{member}")).Is(204);
        (await admin.Delete($"v3/roles/{own}/implies/{member}")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Members_of_groups_come_and_go(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var user = await admin.Make("users", "user", new { name = "u" });
        var group = await admin.Make("groups", "group", new { name = "g" });
        var path = $"v3/groups/{group}/users/{user}";
        (await admin.Head(path)).Is(404);
        (await admin.Put(path)).Is(204);
        (await admin.Head(path)).Is(204);
        Assert.Single((await admin.Get($"v3/groups/{group}/users")).Is(200)["users"].AsArray());
        Assert.Single((await admin.Get($"v3/users/{user}/groups")).Is(200)["groups"].AsArray());
        (await admin.Delete(path)).Is(204);
        (await admin.Delete(path)).Is(404);
        (await admin.Put($"v3/groups/{group}/users/absent")).Is(404);
        (await admin.Put($"v3/groups/absent/users/{user}")).Is(404);
    }
}
