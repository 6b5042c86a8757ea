using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

public sealed class TokenTests
{
    [Theory, OnEachDatabase]
    public async Task A_password_gives_a_project_token_with_roles_and_catalog(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var reply = (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.Password("admin", IdentityCloud.AdminPassword), new { project = new { name = "admin", domain = new { name = "Default" } } }))).Is(201);
        var token = reply["token"];
        Assert.Equal("admin", (string?)token["project"]!["name"]);
        Assert.Equal(["admin", "manager", "member", "reader"], token["roles"]!.AsArray().Select(r => (string)r!["name"]!).Order());
        var catalog = token["catalog"]!.AsArray();
        Assert.Equal(["identity", "compute", "volumev3"], catalog.Select(s => (string)s!["type"]!));
        Assert.Equal(cloud.Root + "/compute/v2.1", (string?)catalog[1]!["endpoints"]![0]!["url"]);
        Assert.Equal($"{cloud.Root}/volume/v3/{token["project"]!["id"]}", (string?)catalog[2]!["endpoints"]![0]!["url"]);
        Assert.Equal("X-Auth-Token", reply.Header("Vary"));
        var client = new Client(cloud, reply.Header("X-Subject-Token"));
        var shown = (await client.Get("v3/auth/tokens", ("X-Subject-Token", client.Token))).Is(200);
        Assert.Equal(token.ToJsonString(), shown["token"].ToJsonString());
        (await client.Head("v3/auth/tokens", ("X-Subject-Token", client.Token))).Is(200);
        Assert.Null((await client.Get("v3/auth/tokens?nocatalog", ("X-Subject-Token", client.Token)))["token"]["catalog"]);
    }

    [Theory, OnEachDatabase]
    public async Task A_removed_role_is_refused_in_the_next_request(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var project = await admin.Make("projects", "project", new { name = "p" });
        var user = await admin.Make("users", "user", new { name = "u", password = "x" });
        var role = (string)(await admin.Get("v3/roles?name=member"))["roles"][0]!["id"]!;
        var grant = $"v3/projects/{project}/users/{user}/roles/{role}";
        for (var i = 0; i < 20; i++)
        {
            (await admin.Put(grant)).Is(204);
            var mine = await cloud.Login(Auth.PasswordOf(user, "x"), Auth.Project(project));
            (await mine.Get("v3/auth/catalog")).Is(200);
            (await admin.Delete(grant)).Is(204);
            (await mine.Get("v3/auth/catalog")).Is(401);
        }
    }

    [Theory, OnEachDatabase]
    public async Task A_revoked_token_is_dead_and_its_sisters_live(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var (one, two) = (await cloud.Admin(), await cloud.Admin());
        (await two.Delete("v3/auth/tokens", ("X-Subject-Token", one.Token))).Is(204);
        (await one.Get("v3/users")).Is(401);
        (await two.Head("v3/auth/tokens", ("X-Subject-Token", one.Token))).Is(404);
        (await two.Get("v3/users")).Is(200);
    }
}
