using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Ways to get a token, and when there is none.</summary>
public sealed class LoginTests
{
    [Theory, OnEachDatabase]
    public async Task Wrong_logins_are_refused_alike(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var disabled = await admin.Make("users", "user", new { name = "off", password = "p", enabled = false });
        var plain = await admin.Make("users", "user", new { name = "plain" });
        var nobody = cloud.Nobody();
        async Task<Reply> Try(object identity, object? scope = null) => await nobody.Post("v3/auth/tokens", Auth.Body(identity, scope));

        foreach (var identity in (object[])[Auth.Password("admin", "wrong"), Auth.Password("ghost", "x"), Auth.Password("admin", IdentityCloud.AdminPassword, "absent"), Auth.PasswordOf(disabled, "p"),
            Auth.PasswordOf(plain, ""), new { methods = new[] { "external" }, external = new { } }])
        {
            var refused = (await Try(identity)).Is(401);
            Assert.Equal("The request you have made requires authentication.", (string?)refused["error"]["message"]);
            Assert.StartsWith("Keystone uri=", refused.Header("WWW-Authenticate"), StringComparison.Ordinal);
        }
        var good = Auth.Password("admin", IdentityCloud.AdminPassword);
        // The token given is nobody's to repeat.
        Assert.DoesNotContain("gAAAA", (string?)(await Try(Auth.ByToken("gAAAA"))).Is(404)["error"]["message"], StringComparison.Ordinal);
        (await Try(good, Auth.Project("absent"))).Is(401);
        (await Try(good, Auth.Domain("absent"))).Is(401);
        (await Try(good, new { project = new { name = "admin" } })).Is(400);
        (await Try(good, new { project = new { id = "x" }, domain = new { id = "y" } })).Is(400);
        (await Try(new { methods = new[] { "password" } })).Is(400);
        (await Try(new { methods = "password" })).Is(400);
        (await Try(new { methods = new[] { "password" }, password = new { user = new { name = "admin", password = "x" } } })).Is(400);
        (await nobody.Post("v3/auth/tokens", new { })).Is(400);
        (await nobody.Post("v3/auth/tokens", "")).Is(400);
    }

    [Theory, OnEachDatabase]
    public async Task Every_scope_gives_its_own_token(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var good = Auth.Password("admin", IdentityCloud.AdminPassword);
        async Task<System.Text.Json.Nodes.JsonNode> Token(object? scope) => (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(good, scope))).Is(201)["token"];

        var unscoped = await Token("unscoped");
        Assert.Null(unscoped["catalog"]);
        Assert.Null(unscoped["roles"]);
        var system = await Token(Auth.System);
        Assert.True((bool)system["system"]!["all"]!);
        Assert.NotNull(system["catalog"]);
        var domain = await Token(new { domain = new { name = "Default" } });
        Assert.Equal("default", (string?)domain["domain"]!["id"]);
        // volumev3's URL needs a project.
        Assert.Empty(domain["catalog"]!.AsArray()[2]!["endpoints"]!.AsArray());
    }

    [Theory, OnEachDatabase]
    public async Task The_default_project_is_the_scope_if_it_can_be(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var project = await admin.Make("projects", "project", new { name = "p" });
        var user = await admin.Make("users", "user", new { name = "u", password = "x", default_project_id = project });
        async Task<string?> Scope() => (string?)(await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(user, "x")))).Is(201)["token"]["project"]?["id"];
        Assert.Null(await Scope());
        await Give(admin, project, user, "member");
        Assert.Equal(project, await Scope());
        (await admin.Patch($"v3/projects/{project}", new { project = new { enabled = false } })).Is(200);
        Assert.Null(await Scope());
    }

    [Theory, OnEachDatabase]
    public async Task A_rescoped_token_ends_with_the_first_and_names_it(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var first = await cloud.Login(Auth.Password("admin", IdentityCloud.AdminPassword), "unscoped");
        var before = (await first.Get("v3/auth/tokens", ("X-Subject-Token", first.Token)))["token"];
        var second = (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.ByToken(first.Token), Auth.Domain("default")))).Is(201)["token"];
        Assert.Equal((string?)before["expires_at"], (string?)second["expires_at"]);
        Assert.Equal((string?)before["audit_ids"]![0], (string?)second["audit_ids"]![1]);
        Assert.Equal(["password", "token"], second["methods"]!.AsArray().Select(m => (string)m!).Order());
        var system = await cloud.Login(Auth.Password("admin", IdentityCloud.AdminPassword), Auth.System);
        (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.ByToken(system.Token), Auth.Domain("default")))).Is(403);
    }

    [Theory, OnEachDatabase]
    public async Task A_token_ends_in_time_and_shows_itself_a_while_longer(DatabaseKind kind)
    {
        var time = new ManualTimeProvider();
        await using var cloud = await IdentityCloud.Start(kind, time);
        var old = await cloud.Admin();
        time.Advance(TimeSpan.FromMinutes(59));
        (await old.Get("v3/users")).Is(200);
        time.Advance(TimeSpan.FromMinutes(2));
        (await old.Get("v3/users")).Is(401);
        var fresh = await cloud.Admin();
        (await fresh.Get("v3/auth/tokens", ("X-Subject-Token", old.Token))).Is(404);
        (await fresh.Get("v3/auth/tokens?allow_expired=1", ("X-Subject-Token", old.Token))).Is(200);
        time.Advance(TimeSpan.FromDays(2));
        (await (await cloud.Admin()).Get("v3/auth/tokens?allow_expired=1", ("X-Subject-Token", old.Token))).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task A_new_password_ends_old_tokens(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var user = await admin.Make("users", "user", new { name = "u", password = "one" });
        var mine = await cloud.Login(Auth.PasswordOf(user, "one"));
        (await mine.Post($"v3/users/{user}/password", new { user = new { original_password = "no", password = "two" } })).Is(401);
        (await mine.Post($"v3/users/{user}/password", new { user = new { password = "two" } })).Is(400);
        (await cloud.Nobody().Post($"v3/users/{user}/password", new { user = new { original_password = "one", password = "two" } })).Is(204);
        (await mine.Get("v3/auth/projects")).Is(401);
        (await cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(user, "one")))).Is(401);
        mine = await cloud.Login(Auth.PasswordOf(user, "two"));
        (await admin.Patch($"v3/users/{user}", new { user = new { password = "three" } })).Is(200);
        (await mine.Get("v3/auth/projects")).Is(401);
        mine = await cloud.Login(Auth.PasswordOf(user, "three"));
        (await admin.Patch($"v3/users/{user}", new { user = new { enabled = false } })).Is(200);
        (await admin.Patch($"v3/users/{user}", new { user = new { enabled = true } })).Is(200);
        (await mine.Get("v3/auth/projects")).Is(401);
    }

    internal static async Task Give(Client admin, string project, string user, string role)
    {
        var id = (string)(await admin.Get("v3/roles?name=" + role))["roles"][0]!["id"]!;
        (await admin.Put($"v3/projects/{project}/users/{user}/roles/{id}")).Is(204);
    }
}
