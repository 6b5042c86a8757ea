using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Logins in several steps: rules of several factors, and receipts for those given so far.</summary>
public sealed class FactorTests
{
    private sealed class World(IdentityCloud cloud, ManualTimeProvider time, string user) : IAsyncDisposable
    {
        public IdentityCloud Cloud => cloud;
        public ManualTimeProvider Time => time;
        public string User => user;

        public static async Task<World> Make(DatabaseKind kind, object options, SecurityComplianceOptions? compliance = null)
        {
            var time = new ManualTimeProvider();
            var cloud = await IdentityCloud.Start(kind, time, o => o with { Compliance = compliance ?? o.Compliance });
            var admin = await cloud.Admin();
            var user = await admin.Make("users", "user", new { name = "u", password = "p", options });
            await admin.Make("credentials", "credential", new { user_id = user, type = "totp", blob = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" });
            return new(cloud, time, user);
        }

        public object Password(string password = "p") => Auth.PasswordOf(user, password);

        public object Code(string? of = null) => new { methods = new[] { "totp" }, totp = new { user = new { id = of ?? user, passcode = Fresh() } } };

        public object Both() => new { methods = new[] { "password", "totp" }, password = new { user = new { id = user, password = "p" } }, totp = new { user = new { id = user, passcode = Fresh() } } };

        /// <summary>One that nobody has used: each counts once.</summary>
        public string Fresh()
        {
            time.Advance(TimeSpan.FromSeconds(30));
            return Passcode();
        }

        public string Passcode(int back = 0) => Credentials.OneTimeCodes.Code("12345678901234567890"u8.ToArray(), time.GetUtcNow().ToUnixTimeSeconds() / 30 - back);

        public Task<Reply> Login(object identity, string? receipt = null) =>
            cloud.Nobody().Post("v3/auth/tokens", Auth.Body(identity), receipt is null ? [] : [("Openstack-Auth-Receipt", receipt)]);

        public ValueTask DisposeAsync() => cloud.DisposeAsync();
    }

    private static readonly object PasswordAndCode = new { multi_factor_auth_rules = new[] { new[] { "password", "totp" } } };

    [Theory, OnEachDatabase]
    public async Task What_was_proved_counts_with_a_receipt(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, PasswordAndCode);
        var first = (await world.Login(world.Password())).Is(401);
        var receipt = first.Header("Openstack-Auth-Receipt");
        Assert.Equal(["password"], first["receipt"]["methods"]!.AsArray().Select(m => (string)m!));
        Assert.Equal((world.User, "u", "default", "Default"), ((string?)first["receipt"]["user"]!["id"], (string?)first["receipt"]["user"]!["name"], (string?)first["receipt"]["user"]!["domain"]!["id"], (string?)first["receipt"]["user"]!["domain"]!["name"]));
        Assert.Equal("2030-01-01T00:05:00.000000Z", (string?)first["receipt"]["expires_at"]);
        Assert.Equal("""[["password","totp"]]""", first["required_auth_methods"].ToJsonString());

        var token = (await world.Login(world.Code(), receipt)).Is(201);
        Assert.Equal(["password", "totp"], token["token"]["methods"]!.AsArray().Select(m => (string)m!).Order());
        // The other way round, and both at once.
        (await world.Login(world.Password(), (await world.Login(world.Code())).Is(401).Header("Openstack-Auth-Receipt"))).Is(201);
        (await world.Login(world.Both())).Is(201);
        // A token got with all factors stands for them.
        (await world.Login(Auth.ByToken(token.Header("X-Subject-Token")))).Is(201);
        // The same factor twice is one.
        (await world.Login(world.Password(), receipt)).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task A_receipt_is_for_its_user_and_minutes_and_is_no_token(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, PasswordAndCode);
        var admin = await world.Cloud.Admin();
        var receipt = (await world.Login(world.Password())).Is(401).Header("Openstack-Auth-Receipt");
        var refused = (await world.Login(world.Password("wrong"), receipt)).Is(401);
        Assert.Null(refused.Json!["receipt"]);
        Assert.Empty(refused.Header("Openstack-Auth-Receipt"));
        (await new Client(world.Cloud, receipt).Get("v3/auth/projects")).Is(401);
        (await admin.Get("v3/auth/tokens", ("X-Subject-Token", receipt))).Is(404);
        (await world.Login(Auth.ByToken(receipt))).Is(404);
        var other = await admin.Make("users", "user", new { name = "other", password = "p", options = PasswordAndCode });
        Assert.Equal($"Could not find auth receipt: {receipt}.", (string?)(await world.Login(Auth.PasswordOf(other, "p"), receipt)).Is(401)["error"]["message"]);
        (await world.Login(world.Code(), admin.Token)).Is(401);
        (await world.Login(world.Code(), "gAAAA")).Is(401);
        world.Time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        (await world.Login(world.Code(), receipt)).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task A_receipt_ends_with_the_password_that_it_is_for(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, PasswordAndCode);
        var receipt = (await world.Login(world.Password())).Is(401).Header("Openstack-Auth-Receipt");
        world.Time.Advance(TimeSpan.FromSeconds(1));
        (await (await world.Cloud.Admin()).Patch($"v3/users/{world.User}", new { user = new { password = "other" } })).Is(200);
        (await world.Login(world.Code(), receipt)).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task Rules_can_be_switched_off_and_misspelt_ones_lock_nobody_out(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, PasswordAndCode);
        var admin = await world.Cloud.Admin();
        async Task Set(object options) => (await admin.Patch($"v3/users/{world.User}", new { user = new { options } })).Is(200);
        await Set(new { multi_factor_auth_enabled = false });
        (await world.Login(world.Password())).Is(201);
        await Set(new { multi_factor_auth_enabled = (bool?)null });
        (await world.Login(world.Password())).Is(401);
        await Set(new { multi_factor_auth_rules = new[] { new[] { "password", "pasword" }, ["totp", "token"] } });
        (await world.Login(world.Password())).Is(201);
        var left = (await world.Login(world.Code())).Is(401);
        Assert.Equal("""[["totp","token"]]""", left["required_auth_methods"].ToJsonString());
        // A rule of nothing known is none: it must not stand in for the others.
        await Set(new { multi_factor_auth_rules = new[] { new[] { "pasword" }, ["password", "totp"] } });
        (await world.Login(world.Password())).Is(401);
        (await world.Login(world.Both())).Is(201);
        await Set(new { multi_factor_auth_rules = new[] { new[] { "pasword" } } });
        (await world.Login(world.Password())).Is(201);
        (await admin.Patch($"v3/users/{world.User}", new { user = new { options = new { multi_factor_auth_rules = new[] { Array.Empty<string>() } } } })).Is(400);
        (await admin.Patch($"v3/users/{world.User}", new { user = new { options = new { multi_factor_auth_rules = "password" } } })).Is(400);
    }

    [Theory, OnEachDatabase]
    public async Task Codes_count_for_their_window_and_the_one_after(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, new { });
        Task<Reply> With(string passcode) => world.Login(new { methods = new[] { "totp" }, totp = new { user = new { id = world.User, passcode } } });
        (await With(world.Passcode())).Is(201);
        (await With(world.Passcode(back: 1))).Is(201);
        (await With(world.Passcode(back: 2))).Is(401);
        (await With(world.Passcode(back: -1))).Is(401);
        (await With("")).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task A_wrong_password_uses_up_no_code(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, PasswordAndCode);
        var passcode = world.Passcode();
        Task<Reply> With(string password, params string[] methods) => world.Login(new { methods, password = new { user = new { id = world.User, password } }, totp = new { user = new { id = world.User, passcode } } });
        (await With("wrong", "password", "totp")).Is(401);
        (await With("wrong", "totp", "password")).Is(401);
        (await With("p", "totp", "password")).Is(201);
        (await With("p", "password", "totp")).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task Guessed_codes_lock_also_whoever_knows_the_password(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, PasswordAndCode, new() { LockoutFailureAttempts = 3, LockoutDuration = TimeSpan.FromMinutes(10) });
        object Guess(string passcode) => new { methods = new[] { "password", "totp" }, password = new { user = new { id = world.User, password = "p" } }, totp = new { user = new { id = world.User, passcode } } };
        (await world.Login(Guess(""))).Is(401);
        // The first factor alone, though right, forgives nothing.
        var receipt = (await world.Login(world.Password())).Is(401).Header("Openstack-Auth-Receipt");
        (await world.Login(Guess(""))).Is(401);
        (await world.Login(new { methods = new[] { "totp" }, totp = new { user = new { id = world.User, passcode = "" } } }, receipt)).Is(401);
        (await world.Login(world.Both())).Is(401);
        (await world.Login(world.Code(), receipt)).Is(401);
        world.Time.Advance(TimeSpan.FromMinutes(10));
        (await world.Login(Guess(""))).Is(401);
        (await world.Login(world.Both())).Is(201);
        // That one did.
        (await world.Login(Guess(""))).Is(401);
        (await world.Login(Guess(""))).Is(401);
        (await world.Login(world.Both())).Is(201);
    }

    [Theory, OnEachDatabase]
    public async Task A_code_counts_once(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, new { });
        Task<Reply> With(string passcode) => world.Login(new { methods = new[] { "totp" }, totp = new { user = new { id = world.User, passcode } } });
        var code = world.Passcode();
        (await With(code)).Is(201);
        (await With(code)).Is(401);
        // Neither while it is the one before, nor does its use touch the next.
        world.Time.Advance(TimeSpan.FromSeconds(30));
        (await With(code)).Is(401);
        (await With(world.Passcode())).Is(201);
    }
}
