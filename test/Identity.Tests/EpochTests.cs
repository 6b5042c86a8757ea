using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>What is cached is for one epoch: many readers, changes meanwhile, two controllers.</summary>
public sealed class EpochTests
{
    [Theory, OnEachDatabase]
    public async Task Validation_goes_on_while_assignments_change_and_never_shows_a_removed_role(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var project = await admin.Make("projects", "project", new { name = "p" });
        var user = await admin.Make("users", "user", new { name = "u", password = "x" });
        await LoginTests.Give(admin, project, user, "reader");
        var extra = await admin.Make("roles", "role", new { name = "extra" });
        var mine = await cloud.Login(Auth.PasswordOf(user, "x"), Auth.Project(project));
        var grant = $"v3/projects/{project}/users/{user}/roles/{extra}";
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                (await mine.Get("v3/auth/tokens", ("X-Subject-Token", mine.Token))).Is(200);
        }).ToList();
        async Task<bool> Has() => (await mine.Get("v3/auth/tokens", ("X-Subject-Token", mine.Token)))["token"]["roles"]!.AsArray().Any(r => (string?)r!["name"] == "extra");
        for (var i = 0; i < 50; i++)
        {
            (await admin.Put(grant)).Is(204);
            Assert.True(await Has());
            (await admin.Delete(grant)).Is(204);
            Assert.False(await Has());
        }
        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    /// <summary>What ends a token, each for a user of its own; the other controller has just seen the token.</summary>
    public static TheoryData<string> Ends => ["token", "password", "own password", "user", "project", "domain", "role", "group", "member", "role itself", "trust", "application credential"];

    [Theory, MemberData(nameof(Ends))]
    public async Task What_is_revoked_on_one_controller_is_revoked_on_the_other_at_once(string end)
    {
        Assert.SkipWhen(PostgresCluster.Missing is not null, PostgresCluster.Missing ?? "");
        await using var one = await IdentityCloud.Start(DatabaseKind.Postgres);
        await using var two = await one.Sister();
        var admin = await one.Admin();
        var domain = await admin.Make("domains", "domain", new { name = "d" });
        var project = await admin.Make("projects", "project", new { name = "p", domain_id = domain });
        var user = await admin.Make("users", "user", new { name = "u", password = "x", domain_id = domain });
        var role = await admin.Make("roles", "role", new { name = "r" });
        var group = await admin.Make("groups", "group", new { name = "g", domain_id = domain });
        var byGroup = end is "group" or "member";
        (await admin.Put($"v3/groups/{group}/users/{user}")).Is(204);
        (await admin.Put($"v3/projects/{project}/{(byGroup ? $"groups/{group}" : $"users/{user}")}/roles/{role}")).Is(204);
        var mine = await one.Login(Auth.PasswordOf(user, "x"), Auth.Project(project));
        var (token, delegated) = (mine.Token, "");
        if (end is "trust")
        {
            var me = (string)(await admin.Get("v3/auth/tokens", ("X-Subject-Token", admin.Token)))["token"]["user"]!["id"]!;
            delegated = (string)(await mine.Post("v3/OS-TRUST/trusts", new { trust = new { trustor_user_id = user, trustee_user_id = me, project_id = project, impersonation = true, roles = new[] { new { id = role } } } })).Is(201)["trust"]["id"]!;
            token = (await one.Login(Auth.Password("admin", IdentityCloud.AdminPassword), new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id = delegated } })).Token;
        }
        else if (end is "application credential")
        {
            var made = (await mine.Post($"v3/users/{user}/application_credentials", new { application_credential = new { name = "a" } })).Is(201)["application_credential"];
            delegated = (string)made["id"]!;
            token = (await one.Login(new { methods = new[] { "application_credential" }, application_credential = new { id = delegated, secret = (string)made["secret"]! } })).Token;
        }
        var there = new Client(two, token);
        (await there.Get("v3/auth/catalog")).Is(200);
        var ended = end switch
        {
            "token" => (await admin.Delete("v3/auth/tokens", ("X-Subject-Token", token))).Is(204),
            "password" => (await admin.Patch($"v3/users/{user}", new { user = new { password = "y" } })).Is(200),
            "own password" => (await one.Nobody().Post($"v3/users/{user}/password", new { user = new { original_password = "x", password = "y" } })).Is(204),
            "user" => (await admin.Patch($"v3/users/{user}", new { user = new { enabled = false } })).Is(200),
            "project" => (await admin.Patch($"v3/projects/{project}", new { project = new { enabled = false } })).Is(200),
            "domain" => (await admin.Patch($"v3/domains/{domain}", new { domain = new { enabled = false } })).Is(200),
            "role" => (await admin.Delete($"v3/projects/{project}/users/{user}/roles/{role}")).Is(204),
            "group" => (await admin.Delete($"v3/groups/{group}")).Is(204),
            "member" => (await admin.Delete($"v3/groups/{group}/users/{user}")).Is(204),
            "role itself" => (await admin.Delete($"v3/roles/{role}")).Is(204),
            "trust" => (await mine.Delete($"v3/OS-TRUST/trusts/{delegated}")).Is(204),
            _ => (await mine.Delete($"v3/users/{user}/application_credentials/{delegated}")).Is(204),
        };
        Assert.NotNull(ended);
        (await there.Get("v3/auth/catalog")).Is(401);
        (await new Client(two, admin.Token).Get("v3/users")).Is(200);
    }

    [Theory, OnEachDatabase]
    public async Task Keys_get_successors_and_old_tokens_live_to_their_end(DatabaseKind kind)
    {
        var time = new ManualTimeProvider();
        await using var test = await TestDatabase.Create(kind, time);
        var db = new IdentityDb(test.Database);
        await Migrations.Apply(db, typeof(IdentityDb).Assembly);
        var options = new IdentityOptions { StateKey = new Secret("k") };
        var keys = new TokenKeys(db, new TokenKeyTable(db), new Sealed(options), options);
        var first = (await keys.Load()).Signing;
        Assert.Equal((0, 0), await keys.Rotate());
        time.Advance(TimeSpan.FromDays(31));
        Assert.Equal((1, 0), await keys.Rotate());
        // Other controllers do not know the new key yet.
        Assert.Equal(first, (await keys.Load()).Signing);
        time.Advance(TimeSpan.FromMinutes(11));
        var ring = await keys.Load();
        Assert.NotEqual(first, ring.Signing);
        Assert.Contains(ring.All, k => k.SequenceEqual(first));
        Assert.Equal((0, 0), await keys.Rotate());
        time.Advance(options.TokenLifetime + options.ExpiredWindow);
        Assert.Equal((0, 1), await keys.Rotate());
        Assert.Equal(ring.Signing, Assert.Single((await keys.Load()).All));
    }

    [Theory, OnEachDatabase]
    public async Task Changes_are_events(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var user = await admin.Make("users", "user", new { name = "u" });
        (await admin.Patch($"v3/users/{user}", new { user = new { description = "d" } })).Is(200);
        (await admin.Post("v3/users", new { user = new { name = "u" } })).Is(409);
        (await admin.Delete($"v3/users/{user}")).Is(204);
        var events = await cloud.Services.GetRequiredService<Kernel.Convergence.EventLog<IdentityDb>>().Read(0);
        Assert.Equal(["identity.user.created", "identity.user.updated", "identity.user.deleted"], events.Select(e => e.Type));
        Assert.All(events, e => Assert.Equal($"user/{user}", e.Resource));

        // What finds nothing to change is none; roles on the system and memberships are changes as any other.
        var (group, member) = (await admin.Make("groups", "group", new { name = "g" }), await admin.Make("users", "user", new { name = "m" }));
        var role = (string)(await admin.Get("v3/roles?name=reader"))["roles"][0]!["id"]!;
        foreach (var path in (string[])[$"v3/groups/{group}/users/{member}", $"v3/system/users/{member}/roles/{role}", $"v3/domains/default/users/{member}/roles/{role}"])
        {
            (await admin.Put(path)).Is(204);
            (await admin.Delete(path)).Is(204);
            (await admin.Delete(path)).Is(404);
        }
        events = await cloud.Services.GetRequiredService<Kernel.Convergence.EventLog<IdentityDb>>().Read(events[^1].Number);
        Assert.Equal(["group.created", "user.created", "group.updated", "group.updated", "role_assignment.created", "role_assignment.deleted", "role_assignment.created", "role_assignment.deleted"],
            events.Select(e => e.Type["identity.".Length..]));
    }

    [Theory, OnEachDatabase]
    public async Task Other_services_ask_by_lists_of_ids(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var project = await admin.Make("projects", "project", new { name = "p", enabled = false });
        var user = await admin.Make("users", "user", new { name = "u" });
        var identity = cloud.Services.GetRequiredService<IIdentity>();
        Assert.Equal([new ProjectFacts(project, "p", "default", false)], await identity.Projects([project, "absent"], CancellationToken.None));
        Assert.Equal([new UserFacts(user, "u", "default", true)], await identity.Users([user, "absent"], CancellationToken.None));
        // A second start makes nothing new and changes no password.
        await cloud.Services.GetRequiredService<IIdentityBootstrap>().Bootstrap(new(new Secret("other"), "RegionOne", []), CancellationToken.None);
        await cloud.Admin();
        Assert.Single((await admin.Get("v3/users?name=admin"))["users"].AsArray());
    }
}
