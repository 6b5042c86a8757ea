using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Trusts, application credentials and EC2 keys: leave to act for somebody, and its limits.</summary>
public sealed class DelegationTests
{
    private sealed record World(IdentityCloud Cloud, Client Admin, string Project, string User, string Other) : IAsyncDisposable
    {
        public static async Task<World> Make(DatabaseKind kind)
        {
            var cloud = await IdentityCloud.Start(kind);
            var admin = await cloud.Admin();
            var world = new World(cloud, admin, await admin.Make("projects", "project", new { name = "p" }), await admin.Make("users", "user", new { name = "u", password = "u" }),
                await admin.Make("users", "user", new { name = "o", password = "o" }));
            await LoginTests.Give(admin, world.Project, world.User, "member");
            return world;
        }

        public Task<Client> Me() => Cloud.Login(Auth.PasswordOf(User, "u"), Auth.Project(Project));
        public ValueTask DisposeAsync() => Cloud.DisposeAsync();
    }

    private static object AppCredential(string id, string secret) => new { methods = new[] { "application_credential" }, application_credential = new { id, secret } };

    [Theory, OnEachDatabase]
    public async Task An_application_credential_logs_in_with_its_roles_and_makes_no_other(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = await world.Me();
        var path = $"v3/users/{world.User}/application_credentials";
        (await world.Admin.Post(path, new { application_credential = new { name = "x" } })).Is(403);
        (await me.Post(path, new { application_credential = new { name = "x", roles = new[] { new { name = "admin" } } } })).Is(400);
        (await me.Post(path, new { application_credential = new { name = "x", expires_at = "2001-01-01T00:00:00" } })).Is(400);
        var made = (await me.Post(path, new { application_credential = new { name = "mine", roles = new[] { new { name = "reader" } } } })).Is(201)["application_credential"];
        (await me.Post(path, new { application_credential = new { name = "mine" } })).Is(409);
        var (id, secret) = ((string)made["id"]!, (string)made["secret"]!);
        Assert.Null((await me.Get($"{path}/{id}")).Is(200)["application_credential"]["secret"]);
        (await world.Cloud.Nobody().Post("v3/auth/tokens", Auth.Body(AppCredential(id, "wrong")))).Is(401);
        (await world.Cloud.Nobody().Post("v3/auth/tokens", Auth.Body(AppCredential(id, secret), Auth.Project(world.Project)))).Is(401);
        var token = (await world.Cloud.Nobody().Post("v3/auth/tokens", Auth.Body(AppCredential(id, secret)))).Is(201);
        Assert.Equal(["reader"], token["token"]["roles"]!.AsArray().Select(r => (string)r!["name"]!));
        var limited = new Client(world.Cloud, token.Header("X-Subject-Token"));
        (await limited.Post(path, new { application_credential = new { name = "second" } })).Is(403);
        (await limited.Delete($"{path}/{id}")).Is(403);
        (await limited.Post("v3/OS-TRUST/trusts", new { trust = new { trustor_user_id = world.User, trustee_user_id = world.Other, impersonation = false } })).Is(403);

        var other = await world.Cloud.Login(Auth.PasswordOf(world.Other, "o"));
        (await other.Get($"{path}/{id}")).Is(403);
        (await other.Get($"v3/users/{world.Other}/application_credentials/{id}")).Is(403);
        (await me.Delete($"{path}/{id}")).Is(204);
        (await limited.Get("v3/auth/projects")).Is(401);
        (await me.Get($"{path}/{id}")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Access_rules_limit_what_may_be_called(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = await world.Me();
        var made = (await me.Post($"v3/users/{world.User}/application_credentials", new
        {
            application_credential = new { name = "ruled", access_rules = new[] { new { service = "identity", method = "GET", path = "/v3/regions/**" } } },
        })).Is(201)["application_credential"];
        var limited = await world.Cloud.Login(AppCredential((string)made["id"]!, (string)made["secret"]!));
        (await limited.Get("v3/regions")).Is(200);
        (await limited.Get("v3/regions/RegionOne")).Is(200);
        (await limited.Get("v3/auth/projects")).Is(401);
        (await limited.Post("v3/regions", new { region = new { } })).Is(401);
        var rule = (string)(await me.Get($"v3/users/{world.User}/access_rules")).Is(200)["access_rules"][0]!["id"]!;
        (await me.Delete($"v3/users/{world.User}/access_rules/{rule}")).Is(403);
        (await me.Delete($"v3/users/{world.User}/application_credentials/{made["id"]}")).Is(204);
        (await me.Get($"v3/users/{world.User}/access_rules/{rule}")).Is(200);
        (await me.Delete($"v3/users/{world.User}/access_rules/{rule}")).Is(204);
        (await me.Get($"v3/users/{world.User}/access_rules/{rule}")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Losing_the_role_loses_the_application_credential(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = await world.Me();
        var made = (await me.Post($"v3/users/{world.User}/application_credentials", new { application_credential = new { name = "x" } })).Is(201)["application_credential"];
        var role = (string)(await world.Admin.Get("v3/roles?name=member"))["roles"][0]!["id"]!;
        (await world.Admin.Delete($"v3/projects/{world.Project}/users/{world.User}/roles/{role}")).Is(204);
        (await world.Admin.Put($"v3/projects/{world.Project}/users/{world.User}/roles/{role}")).Is(204);
        (await world.Cloud.Nobody().Post("v3/auth/tokens", Auth.Body(AppCredential((string)made["id"]!, (string)made["secret"]!)))).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task A_trust_lends_roles_until_it_is_taken_back(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = await world.Me();
        object Trust(object roles, bool impersonation = true, int? uses = null) => new
        {
            trust = new { trustor_user_id = world.User, trustee_user_id = world.Other, project_id = world.Project, impersonation, roles, remaining_uses = uses, allow_redelegation = false },
        };
        var reader = new[] { new { name = "reader" } };
        (await me.Post("v3/OS-TRUST/trusts", Trust(new[] { new { name = "admin" } }))).Is(404);
        (await world.Admin.Post("v3/OS-TRUST/trusts", Trust(reader))).Is(403);
        var trust = (string)(await me.Post("v3/OS-TRUST/trusts", Trust(reader, uses: 1))).Is(201)["trust"]["id"]!;
        object Scope(string id) => new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id } };
        var nobody = world.Cloud.Nobody();
        (await nobody.Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(world.User, "u"), Scope(trust)))).Is(403);
        var token = (await nobody.Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(world.Other, "o"), Scope(trust)))).Is(201);
        Assert.Equal(world.User, (string?)token["token"]["user"]!["id"]);
        Assert.Equal(world.Other, (string?)token["token"]["OS-TRUST:trust"]!["trustee_user"]!["id"]);
        Assert.Equal(["reader"], token["token"]["roles"]!.AsArray().Select(r => (string)r!["name"]!));
        (await nobody.Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(world.Other, "o"), Scope(trust)))).Is(401);
        var lent = new Client(world.Cloud, token.Header("X-Subject-Token"));
        (await lent.Get("v3/auth/catalog")).Is(200);
        (await nobody.Post("v3/auth/tokens", Auth.Body(Auth.ByToken(lent.Token), Auth.Project(world.Project)))).Is(403);
        (await lent.Post($"v3/users/{world.User}/application_credentials", new { application_credential = new { name = "x" } })).Is(403);

        var second = (string)(await me.Post("v3/OS-TRUST/trusts", Trust(reader, impersonation: false))).Is(201)["trust"]["id"]!;
        var other = await world.Cloud.Login(Auth.PasswordOf(world.Other, "o"), Scope(second));
        Assert.Equal("reader", (string?)(await me.Get($"v3/OS-TRUST/trusts/{second}/roles")).Is(200)["roles"][0]!["name"]);
        Assert.Contains((await me.Get($"v3/OS-TRUST/trusts?trustor_user_id={world.User}")).Is(200)["trusts"].AsArray(), t => (string?)t!["id"] == second);
        (await me.Get($"v3/OS-TRUST/trusts?trustor_user_id={world.Other}")).Is(403);
        (await me.Get("v3/OS-TRUST/trusts")).Is(403);
        (await world.Admin.Get("v3/OS-TRUST/trusts")).Is(200);
        (await other.Delete($"v3/OS-TRUST/trusts/{second}")).Is(403);
        (await me.Delete($"v3/OS-TRUST/trusts/{second}")).Is(204);
        (await other.Get("v3/auth/catalog")).Is(401);
        (await me.Get($"v3/OS-TRUST/trusts/{second}")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Ec2_keys_sign_for_their_owner(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = await world.Me();
        var path = $"v3/users/{world.User}/credentials/OS-EC2";
        var keys = (await me.Post(path, new { tenant_id = world.Project })).Is(201)["credential"];
        (await me.Post(path, new { tenant_id = "absent" })).Is(404);
        (await me.Post(path, new { })).Is(400);
        var parameters = new Dictionary<string, string>
        {
            ["SignatureVersion"] = "2", ["SignatureMethod"] = "HmacSHA256", ["Action"] = "DescribeInstances", ["AWSAccessKeyId"] = (string)keys["access"]!,
            ["Timestamp"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        };
        string Text() => "GET\nhost\n/\n" + string.Join('&', parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"));
        string Signature() => Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(System.Text.Encoding.UTF8.GetBytes((string)keys["secret"]!), System.Text.Encoding.UTF8.GetBytes(Text())));
        var signature = Signature();
        object Body(string sign) => new { credentials = new { access = (string)keys["access"]!, signature = sign, host = "host:8773", verb = "GET", path = "/", @params = parameters } };
        (await me.Post("v3/ec2tokens", Body(signature))).Is(403);
        (await world.Admin.Post("v3/ec2tokens", Body("AAAA"))).Is(401);
        (await world.Admin.Post("v3/ec2tokens", new { })).Is(400);
        var token = (await world.Admin.Post("v3/ec2tokens", Body(signature))).Is(200);
        Assert.Equal(world.User, (string?)token["token"]["user"]!["id"]);
        Assert.Equal(world.Project, (string?)token["token"]["project"]!["id"]);
        (await me.Post("v2.0/ec2tokens", Body(signature))).Is(403);
        (await world.Admin.Post("v2.0/ec2tokens", Body("AAAA"))).Is(401);
        var access = (await world.Admin.Post("v2.0/ec2tokens", Body(signature))).Is(200)["access"];
        Assert.Equal((world.User, world.Project), ((string?)access["user"]!["id"], (string?)access["token"]!["tenant"]!["id"]));
        (await new Client(world.Cloud, (string)access["token"]!["id"]!).Get("v3/auth/catalog")).Is(200);
        // A signature for later, or for never, is as good as an old one.
        foreach (var odd in (string?[])[DateTimeOffset.UtcNow.AddDays(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), DateTimeOffset.UtcNow.AddDays(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), null])
        {
            if (odd is null) parameters.Remove("Timestamp"); else parameters["Timestamp"] = odd;
            (await world.Admin.Post("v3/ec2tokens", Body(Signature()))).Is(401);
        }
        // What came from keys does not get at other scopes, nor at keys.
        (await world.Cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.ByToken(token.Header("X-Subject-Token")), "unscoped"))).Is(403);
        (await new Client(world.Cloud, token.Header("X-Subject-Token")).Get("v3/credentials")).Is(403);
        Assert.Single((await me.Get(path)).Is(200)["credentials"].AsArray());
        (await me.Delete($"{path}/{keys["access"]}")).Is(204);
        (await me.Get($"{path}/{keys["access"]}")).Is(404);
    }
}
