using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Trusts that are handed on.</summary>
public sealed class TrustTests
{
    /// <summary>Three users: the first has the roles, and each hands them on to the next.</summary>
    private sealed record World(IdentityCloud Cloud, Client Admin, string Project, string[] Users) : IAsyncDisposable
    {
        public static async Task<World> Make(DatabaseKind kind)
        {
            var cloud = await IdentityCloud.Start(kind);
            var admin = await cloud.Admin();
            var project = await admin.Make("projects", "project", new { name = "p" });
            var users = new List<string>();
            foreach (var name in (string[])["first", "second", "third", "fourth"]) users.Add(await admin.Make("users", "user", new { name, password = "x" }));
            await LoginTests.Give(admin, project, users[0], "member");
            return new(cloud, admin, project, [.. users]);
        }

        public Task<Client> Login(int user) => Cloud.Login(Auth.PasswordOf(Users[user], "x"), Auth.Project(Project));

        public Task<Reply> Try(int user, string trust) => Cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(Users[user], "x"), new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id = trust } }));

        public async Task<Client> Use(int user, string trust) => new(Cloud, (await Try(user, trust)).Is(201).Header("X-Subject-Token"));

        public Task<Reply> Trust(Client by, int trustor, int trustee, object? more = null, string role = "reader")
        {
            var trust = new Dictionary<string, object?>
            {
                ["trustor_user_id"] = Users[trustor], ["trustee_user_id"] = Users[trustee], ["project_id"] = Project, ["impersonation"] = true, ["roles"] = new[] { new { name = role } }, ["allow_redelegation"] = true,
            };
            foreach (var property in more?.GetType().GetProperties() ?? []) trust[property.Name] = property.GetValue(more);
            return by.Post("v3/OS-TRUST/trusts", new { trust });
        }

        public static string Id(Reply reply) => (string)reply.Is(201)["trust"]["id"]!;

        public ValueTask DisposeAsync() => Cloud.DisposeAsync();
    }

    [Theory, OnEachDatabase]
    public async Task A_trust_is_handed_on_ever_fewer_times_and_never_grows(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var me = await world.Login(0);
        (await world.Trust(me, 0, 1, new { redelegation_count = 4 })).Is(403);
        (await world.Trust(me, 0, 1, new { remaining_uses = 1 })).Is(400);
        var made = (await world.Trust(me, 0, 1, new { redelegation_count = 2, expires_at = "2099-01-01T00:00:00.000000Z" }, "member")).Is(201)["trust"];
        Assert.Equal(2, (int)made["redelegation_count"]!);
        var first = await world.Use(1, (string)made["id"]!);

        // With impersonation the trustor stays the first of them all.
        (await world.Trust(first, 0, 2, role: "admin")).Is(404);
        (await world.Trust(first, 0, 2, new { remaining_uses = 1, allow_redelegation = false })).Is(403);
        (await world.Trust(first, 0, 2, new { redelegation_count = 2 })).Is(403);
        (await world.Trust(first, 0, 2, new { expires_at = "2099-01-01T00:00:01.000000Z" })).Is(403);
        (await world.Trust(first, 1, 2)).Is(403);
        var second = (await world.Trust(first, 0, 2, role: "member")).Is(201)["trust"];
        Assert.Equal((1, (string?)made["id"], "2099-01-01T00:00:00.000000Z"), ((int)second["redelegation_count"]!, (string?)second["redelegated_trust_id"], (string?)second["expires_at"]));
        var third = (await world.Trust(await world.Use(2, (string)second["id"]!), 0, 3, role: "member")).Is(201)["trust"];
        Assert.Equal(0, (int)third["redelegation_count"]!);
        var last = await world.Use(3, (string)third["id"]!);
        (await last.Get("v3/auth/catalog")).Is(200);
        (await world.Trust(last, 0, 1)).Is(403);

        // All of it ends with the first.
        (await me.Delete($"v3/OS-TRUST/trusts/{made["id"]}")).Is(204);
        (await last.Get("v3/auth/catalog")).Is(401);
        (await world.Try(3, (string)third["id"]!)).Is(401);
        (await world.Admin.Get($"v3/OS-TRUST/trusts/{third["id"]}")).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Nothing_is_handed_on_past_somebody_who_is_gone(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var first = World.Id(await world.Trust(await world.Login(0), 0, 1));
        var second = World.Id(await world.Trust(await world.Use(1, first), 0, 2));
        var token = await world.Use(2, second);
        (await world.Admin.Patch($"v3/users/{world.Users[1]}", new { user = new { enabled = false } })).Is(200);
        (await world.Try(2, second)).Is(403);
        (await world.Admin.Patch($"v3/users/{world.Users[1]}", new { user = new { enabled = true } })).Is(200);
        await world.Use(2, second);
        (await world.Admin.Delete($"v3/users/{world.Users[1]}")).Is(204);
        (await token.Get("v3/auth/catalog")).Is(401);
        (await world.Try(2, second)).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task A_trust_counts_its_uses(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var trust = World.Id(await world.Trust(await world.Login(0), 0, 1, new { remaining_uses = 2, allow_redelegation = false, impersonation = false }));
        await world.Use(1, trust);
        Assert.Equal(1, (int)(await world.Admin.Get($"v3/OS-TRUST/trusts/{trust}")).Is(200)["trust"]["remaining_uses"]!);
        var last = await world.Use(1, trust);
        (await world.Try(1, trust)).Is(401);
        (await world.Admin.Get($"v3/OS-TRUST/trusts/{trust}")).Is(404);
        // What was made of it lives on.
        (await last.Get("v3/auth/catalog")).Is(200);
        (await world.Trust(await world.Login(0), 0, 1, new { remaining_uses = 0, allow_redelegation = false })).Is(400);
    }
}
