using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Ways to more than was given, all of which must be closed.</summary>
public sealed class EscalationTests
{
    /// <summary>An owner with roles on two projects, and two others with none.</summary>
    private sealed record World(IdentityCloud Cloud, Client Admin, string Project, string Second, string Owner, string Friend, string Other) : IAsyncDisposable
    {
        public static async Task<World> Make(DatabaseKind kind, TimeProvider? time = null)
        {
            var cloud = await IdentityCloud.Start(kind, time);
            var admin = await cloud.Admin();
            Task<string> Project(string name) => admin.Make("projects", "project", new { name });
            Task<string> User(string name) => admin.Make("users", "user", new { name, password = "x" });
            var world = new World(cloud, admin, await Project("p"), await Project("q"), await User("owner"), await User("friend"), await User("other"));
            foreach (var project in (string[])[world.Project, world.Second]) await LoginTests.Give(admin, project, world.Owner, "member");
            return world;
        }

        public Task<Client> Login(string user, string? project = null) => Cloud.Login(Auth.PasswordOf(user, "x"), project is null ? null : Auth.Project(project));

        public async Task<Client> Use(string user, string trust) => await Cloud.Login(Auth.PasswordOf(user, "x"), new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id = trust } });

        public Task<Reply> Trust(Client by, string trustor, string trustee, string? project, bool impersonation, object? more = null)
        {
            var trust = new Dictionary<string, object?> { ["trustor_user_id"] = trustor, ["trustee_user_id"] = trustee, ["project_id"] = project, ["impersonation"] = impersonation };
            if (project is not null) trust["roles"] = new[] { new { name = "member" } };
            foreach (var property in more?.GetType().GetProperties() ?? []) trust[property.Name] = property.GetValue(more);
            return by.Post("v3/OS-TRUST/trusts", new { trust });
        }

        /// <summary>Keys that say of themselves what they stand for.</summary>
        public async Task Keys(Client by, string user, string access, object extra)
        {
            var blob = JsonSerializer.SerializeToNode(extra)!.AsObject();
            (blob["access"], blob["secret"]) = (access, "secret");
            await by.Make("credentials", "credential", new { user_id = user, project_id = Project, type = "ec2", blob = blob.ToJsonString() });
        }

        [SuppressMessage("Security", "CA5350", Justification = "The older version of the protocol.")]
        public Task<Reply> Sign(string access)
        {
            var text = "GET\n\n\nnow\n/bucket"u8.ToArray();
            return Admin.Post("v3/s3tokens", new { credentials = new { access, signature = Convert.ToBase64String(HMACSHA1.HashData("secret"u8, text)), token = Convert.ToBase64String(text) } });
        }

        public ValueTask DisposeAsync() => Cloud.DisposeAsync();
    }

    private static readonly object Again = new { allow_redelegation = true };

    [Theory, OnEachDatabase]
    public async Task A_trust_is_not_handed_on_for_another_project(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var trust = (string)(await world.Trust(await world.Login(world.Owner, world.Project), world.Owner, world.Friend, world.Project, true, Again)).Is(201)["trust"]["id"]!;
        var friend = await world.Use(world.Friend, trust);
        Assert.Contains($"only for what it is for: project {world.Project}", (await world.Trust(friend, world.Owner, world.Other, world.Second, true)).Is(403).Text, StringComparison.Ordinal);
        // Nor for none, which would show its user as the trustor wherever no role is asked for.
        (await world.Trust(friend, world.Owner, world.Other, null, true)).Is(403);
        (await world.Trust(friend, world.Owner, world.Other, world.Project, true)).Is(201);
    }

    [Theory, OnEachDatabase]
    public async Task What_is_handed_on_lends_the_first_trustors_roles_while_everybody_is_there(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var trust = (string)(await world.Trust(await world.Login(world.Owner, world.Project), world.Owner, world.Friend, world.Project, false, Again)).Is(201)["trust"]["id"]!;
        var handed = (string)(await world.Trust(await world.Use(world.Friend, trust), world.Friend, world.Other, world.Project, false)).Is(201)["trust"]["id"]!;
        async Task<Client> Used() => await world.Use(world.Other, handed);
        Task Enable(string user, bool enabled) => world.Admin.Patch($"v3/users/{user}", new { user = new { enabled } });
        foreach (var user in (string[])[world.Friend, world.Owner])
        {
            var token = await Used();
            (await token.Get("v3/auth/catalog")).Is(200);
            await Enable(user, false);
            (await token.Get("v3/auth/catalog")).Is(401);
            await Enable(user, true);
            (await token.Get("v3/auth/catalog")).Is(401);
        }
        var last = await Used();
        var member = (string)(await world.Admin.Get("v3/roles?name=member"))["roles"][0]!["id"]!;
        (await world.Admin.Delete($"v3/projects/{world.Project}/users/{world.Owner}/roles/{member}")).Is(204);
        (await last.Get("v3/auth/catalog")).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task Keys_of_a_trust_use_it_up_and_end_with_it(DatabaseKind kind)
    {
        var time = new ManualTimeProvider();
        await using var world = await World.Make(kind, time);
        var owner = await world.Login(world.Owner, world.Project);
        var once = (string)(await world.Trust(owner, world.Owner, world.Friend, world.Project, false, new { remaining_uses = 1 })).Is(201)["trust"]["id"]!;
        var soon = (string)(await world.Trust(owner, world.Owner, world.Friend, world.Project, false, new { expires_at = time.GetUtcNow().AddMinutes(5).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'") })).Is(201)["trust"]["id"]!;
        var friend = await world.Login(world.Friend);
        await world.Keys(friend, world.Friend, "once", new { trust_id = once });
        await world.Keys(friend, world.Friend, "soon", new { trust_id = soon });
        (await world.Sign("once")).Is(200);
        (await world.Sign("once")).Is(401);
        var token = new Client(world.Cloud, (await world.Sign("soon")).Is(200).Header("X-Subject-Token"));
        (await token.Get("v3/auth/catalog")).Is(200);
        time.Advance(TimeSpan.FromMinutes(6));
        (await token.Get("v3/auth/catalog")).Is(401);
        (await world.Sign("soon")).Is(401);
        // Somebody else's trust is of no use.
        await world.Keys(await world.Login(world.Other), world.Other, "stolen", new { trust_id = (string)(await world.Trust(owner, world.Owner, world.Friend, world.Project, false)).Is(201)["trust"]["id"]! });
        (await world.Sign("stolen")).Is(403);
    }

    [Theory, OnEachDatabase]
    public async Task Keys_of_an_application_credential_end_with_it(DatabaseKind kind)
    {
        var time = new ManualTimeProvider();
        await using var world = await World.Make(kind, time);
        var owner = await world.Login(world.Owner, world.Project);
        var made = (await owner.Post($"v3/users/{world.Owner}/application_credentials", new
        {
            application_credential = new { name = "soon", expires_at = time.GetUtcNow().AddMinutes(5).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'") },
        })).Is(201)["application_credential"];
        await world.Keys(owner, world.Owner, "soon", new { app_cred_id = (string)made["id"]! });
        var token = new Client(world.Cloud, (await world.Sign("soon")).Is(200).Header("X-Subject-Token"));
        (await token.Get("v3/auth/catalog")).Is(200);
        // A client is told when to come again, not what is usual.
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{made["id"]}:{made["secret"]}"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "v3/OS-OAUTH2/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
        request.Headers.TryAddWithoutValidation("Authorization", "Basic " + basic);
        using var lent = await world.Cloud.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(300, JsonDocument.Parse(await lent.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("expires_in").GetInt32());
        time.Advance(TimeSpan.FromMinutes(6));
        (await token.Get("v3/auth/catalog")).Is(401);
        (await world.Sign("soon")).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task A_domain_that_was_off_for_a_moment_ends_tokens_for_its_projects(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var domain = await world.Admin.Make("domains", "domain", new { name = "d" });
        var project = await world.Admin.Make("projects", "project", new { name = "inside", domain_id = domain });
        await LoginTests.Give(world.Admin, project, world.Owner, "member");
        var (inside, outside) = (await world.Login(world.Owner, project), await world.Login(world.Owner, world.Project));
        foreach (var enabled in (bool[])[false, true]) (await world.Admin.Patch($"v3/domains/{domain}", new { domain = new { enabled } })).Is(200);
        (await inside.Get("v3/auth/catalog")).Is(401);
        (await outside.Get("v3/auth/catalog")).Is(200);
        (await (await world.Login(world.Owner, project)).Get("v3/auth/catalog")).Is(200);
    }

    [Theory, OnEachDatabase]
    public async Task Who_may_make_users_gives_no_role_by_the_way(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var manager = (string)(await world.Admin.Get("v3/roles?name=manager"))["roles"][0]!["id"]!;
        (await world.Admin.Put($"v3/domains/default/users/{world.Friend}/roles/{manager}")).Is(204);
        var friend = await world.Cloud.Login(Auth.PasswordOf(world.Friend, "x"), Auth.Domain("default"));
        var made = (string)(await friend.Post("v2.0/users", new { user = new { name = "plain", password = "x" } })).Is(200)["user"]["id"]!;
        // A role that managers may not give over v3 either.
        (await friend.Post("v2.0/users", new { user = new { name = "placed", password = "x", tenantId = world.Project } })).Is(403);
        (await friend.Put($"v2.0/users/{made}/OS-KSADM/tenant", new { user = new { tenantId = world.Project } })).Is(403);
        (await friend.Put($"v2.0/users/{made}", new { user = new { id = made, tenantId = world.Project } })).Is(403);
        Assert.Empty((await world.Admin.Get($"v3/role_assignments?user.id={made}")).Is(200)["role_assignments"].AsArray());
        (await world.Admin.Put($"v2.0/users/{made}/OS-KSADM/tenant", new { user = new { tenantId = world.Project } })).Is(200);
        // What stays as it is needs no right.
        (await friend.Put($"v2.0/users/{made}", new { user = new { id = made, tenantId = world.Project, name = "renamed" } })).Is(200);
    }

    [Theory, OnEachDatabase]
    public async Task Managers_give_members_and_readers_in_their_domain_and_nothing_else(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var roles = (await world.Admin.Get("v3/roles"))["roles"].AsArray().ToDictionary(r => (string)r!["name"]!, r => (string)r!["id"]!);
        var domain = await world.Admin.Make("domains", "domain", new { name = "d" });
        var (project, boss, worker) = (await world.Admin.Make("projects", "project", new { name = "inside", domain_id = domain }),
            await world.Admin.Make("users", "user", new { name = "boss", password = "x", domain_id = domain }), await world.Admin.Make("users", "user", new { name = "worker", domain_id = domain }));
        (await world.Admin.Put($"v3/domains/{domain}/users/{boss}/roles/{roles["manager"]}")).Is(204);
        // Named like a role that managers may give, but of another domain.
        var foreign = await world.Admin.Make("roles", "role", new { name = "member", domain_id = "default" });
        var manager = await world.Cloud.Login(Auth.PasswordOf(boss, "x"), Auth.Domain(domain));
        Task<Reply> Give(string target, string user, string role, string prefix = "v3", string suffix = "") => manager.Put($"{prefix}/{target}/users/{user}/roles/{role}{suffix}");
        foreach (var name in (string[])["manager", "member", "reader"])
        {
            (await Give($"projects/{project}", worker, roles[name])).Is(204);
            (await Give($"domains/{domain}", worker, roles[name])).Is(204);
            (await Give($"domains/{domain}", worker, roles[name], "v3/OS-INHERIT", "/inherited_to_projects")).Is(204);
            (await Give($"projects/{world.Project}", worker, roles[name])).Is(403);
            (await Give($"projects/{project}", world.Owner, roles[name])).Is(403);
            (await Give("domains/default", worker, roles[name])).Is(403);
            (await Give("system", worker, roles[name])).Is(403);
        }
        foreach (var name in (string[])["admin", "service"])
            foreach (var target in (string[])[$"projects/{project}", $"domains/{domain}"])
            {
                (await Give(target, worker, roles[name])).Is(403);
                (await Give(target, boss, roles[name], "v3/OS-INHERIT", "/inherited_to_projects")).Is(403);
            }
        (await Give($"projects/{project}", worker, foreign)).Is(403);
        (await manager.Put($"v3/roles/{roles["member"]}/implies/{roles["service"]}")).Is(403);
        (await manager.Post("v3/roles", new { role = new { name = "own", domain_id = domain } })).Is(403);
        // What a manager cannot give a manager cannot take.
        (await world.Admin.Put($"v3/projects/{project}/users/{worker}/roles/{roles["admin"]}")).Is(204);
        (await manager.Delete($"v3/projects/{project}/users/{worker}/roles/{roles["admin"]}")).Is(403);
        Assert.All((await manager.Get("v3/role_assignments")).Is(200)["role_assignments"].AsArray(), a =>
            Assert.Contains((string?)a!["scope"]!["project"]?["id"] ?? (string?)a["scope"]!["domain"]?["id"], (string[])[project, domain]));
    }

    [Theory, OnEachDatabase]
    public async Task The_old_version_does_not_pass_off_a_narrow_token_as_a_whole_one(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var made = (await (await world.Login(world.Owner, world.Project)).Post($"v3/users/{world.Owner}/application_credentials", new
        {
            application_credential = new { name = "narrow", access_rules = new[] { new { service = "identity", method = "GET", path = "/v3/auth/catalog" } } },
        })).Is(201)["application_credential"];
        var narrow = await world.Cloud.Login(new { methods = new[] { "application_credential" }, application_credential = new { id = (string)made["id"]!, secret = (string)made["secret"]! } });
        (await narrow.Get("v3/auth/catalog")).Is(200);
        (await world.Admin.Get($"v2.0/tokens/{narrow.Token}")).Is(404);
        (await world.Admin.Get($"v2.0/tokens/{narrow.Token}/endpoints")).Is(404);
        // What a rule names is meant to the letter, whatever the path is dressed up as.
        foreach (var path in (string[])["v3/projects", "v3/auth/catalog/../projects", "v3/auth%2Fcatalog", "v3/auth/Catalog", "v3/auth/projects?/v3/auth/catalog", "v3//auth/projects"])
            Assert.Contains((int)(await narrow.Get(path)).Status, (int[])[401, 404]);
        (await world.Admin.Delete($"v2.0/tokens/{narrow.Token}")).Is(204);
        (await narrow.Get("v3/auth/catalog")).Is(401);
    }
}
