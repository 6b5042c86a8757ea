using Microsoft.Extensions.DependencyInjection;
using Nephos.Identity.Users;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Settings;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>[security_compliance]: what auditors ask for about passwords and accounts.</summary>
public sealed class ComplianceTests
{
    private sealed class World(IdentityCloud cloud, ManualTimeProvider time) : IAsyncDisposable
    {
        public IdentityCloud Cloud => cloud;
        public ManualTimeProvider Time => time;

        public static async Task<World> Make(DatabaseKind kind, params string[] settings)
        {
            var time = new ManualTimeProvider();
            return new(await IdentityCloud.Start(kind, time, o => IdentitySettings.List.Apply(o, SettingsFile.Parse(["[security_compliance]", .. settings], "identity.conf"), "identity.conf")), time);
        }

        public async Task<string> User(string password, object? options = null) =>
            await (await cloud.Admin()).Make("users", "user", options is null ? new { name = "u", password } : new { name = "u", password, options });

        public Task<Reply> Login(string user, string password) => cloud.Nobody().Post("v3/auth/tokens", Auth.Body(Auth.PasswordOf(user, password)));

        public Task<Reply> Change(string user, string from, string to) => Tick(cloud.Nobody().Post($"v3/users/{user}/password", new { user = new { original_password = from, password = to } }));

        public async Task<Reply> Patch(string user, object change) => await Tick((await cloud.Admin()).Patch($"v3/users/{user}", new { user = change }));

        // What is issued at the very moment of a revocation is revoked: the clock must not stand still.
        private async Task<Reply> Tick(Task<Reply> request)
        {
            var reply = await request;
            time.Advance(TimeSpan.FromSeconds(1));
            return reply;
        }

        public async Task<System.Text.Json.Nodes.JsonNode> Show(string user) => (await (await cloud.Admin()).Get($"v3/users/{user}")).Is(200)["user"];

        public ValueTask DisposeAsync() => cloud.DisposeAsync();
    }

    private static string Message(Reply reply) => (string)reply["error"]["message"]!;

    [Theory, OnEachDatabase]
    public async Task A_password_expires_and_its_user_changes_it(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, "password_expires_days = 30");
        var user = await world.User("one");
        Assert.Equal("2030-01-31T00:00:00.000000", (string?)(await world.Show(user))["password_expires_at"]);
        Assert.Equal("2030-01-31T00:00:00.000000", (string?)(await world.Login(user, "one")).Is(201)["token"]["user"]!["password_expires_at"]);
        world.Time.Advance(TimeSpan.FromDays(30));
        var expired = (await world.Login(user, "one")).Is(401);
        Assert.Equal($"The password is expired and needs to be changed for user: {user}.", Message(expired));
        Assert.StartsWith("Keystone uri=", expired.Header("WWW-Authenticate"), StringComparison.Ordinal);
        // Only who knows the password learns that it expired.
        Assert.Equal("The request you have made requires authentication.", Message((await world.Login(user, "wrong")).Is(401)));
        (await world.Change(user, "wrong", "two")).Is(401);
        (await world.Change(user, "one", "two")).Is(204);
        (await world.Login(user, "two")).Is(201);
        Assert.Equal("2030-03-02T00:00:01.000000", (string?)(await world.Show(user))["password_expires_at"]);
        (await world.Patch(user, new { options = new { ignore_password_expiry = true } })).Is(200);
        world.Time.Advance(TimeSpan.FromDays(31));
        (await world.Login(user, "two")).Is(201);
        (await world.Patch(user, new { password = "three" })).Is(200);
        Assert.Null((await world.Show(user))["password_expires_at"]);
    }

    [Theory, OnEachDatabase]
    public async Task Guessing_locks_the_account_for_a_while(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, "lockout_failure_attempts = 3", "lockout_duration = 60");
        var user = await world.User("right");
        async Task Guess(int times) { for (var i = 0; i < times; i++) (await world.Login(user, "wrong")).Is(401); }
        await Guess(2);
        // A login in between begins the count anew.
        (await world.Login(user, "right")).Is(201);
        await Guess(2);
        (await world.Change(user, "wrong", "x")).Is(401);
        // Locked, and nobody is told.
        Assert.Equal("The request you have made requires authentication.", Message((await world.Login(user, "right")).Is(401)));
        (await world.Change(user, "right", "x")).Is(401);
        world.Time.Advance(TimeSpan.FromSeconds(61));
        (await world.Login(user, "right")).Is(201);
        await Guess(3);
        (await world.Login(user, "right")).Is(401);
        (await world.Patch(user, new { enabled = true })).Is(200);
        (await world.Login(user, "right")).Is(201);
        (await world.Patch(user, new { options = new { ignore_lockout_failure_attempts = true } })).Is(200);
        await Guess(5);
        (await world.Login(user, "right")).Is(201);
        (await world.Login("absent", "wrong")).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task A_password_must_be_new_and_old_enough(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, "unique_last_password_count = 3", "minimum_password_age = 2");
        var user = await world.User("one");
        // The first may be changed at once: an administrator chose it.
        (await world.Change(user, "one", "one")).Is(400);
        (await world.Change(user, "one", "two")).Is(204);
        Assert.Contains("it must be used for 2 day(s) before it can be changed. Please try again in 1 day(s)", Message((await world.Change(user, "two", "three")).Is(400)), StringComparison.Ordinal);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal("The new password cannot be identical to a previous password. The total number which includes the new password must be unique is 3.", Message((await world.Change(user, "two", "one")).Is(400)));
        (await world.Change(user, "two", "three")).Is(204);
        world.Time.Advance(TimeSpan.FromDays(2));
        (await world.Change(user, "three", "one")).Is(400);
        (await world.Change(user, "three", "four")).Is(204);
        world.Time.Advance(TimeSpan.FromDays(2));
        // Two, three and four are the last three.
        (await world.Change(user, "four", "two")).Is(400);
        (await world.Change(user, "four", "one")).Is(204);
        // An administrator is not bound, but what was replaced counts.
        (await world.Patch(user, new { password = "four" })).Is(200);
        (await world.Change(user, "four", "one")).Is(400);
        (await world.Change(user, "four", "five")).Is(204);
        (await world.Patch(user, new { options = new { lock_password = true } })).Is(200);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.StartsWith("You cannot change your password at this time due to password policy", Message((await world.Change(user, "five", "six")).Is(400)), StringComparison.Ordinal);
    }

    [Theory, OnEachDatabase]
    public async Task A_password_must_fit_the_pattern(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, "password_regex = ^(?=.*\\d).{7,}$", "password_regex_description = seven characters and a digit");
        var admin = await world.Cloud.Admin();
        const string Why = "The password does not match the requirements: seven characters and a digit.";
        Assert.Equal(Why, Message((await admin.Post("v3/users", new { user = new { name = "x", password = "short1" } })).Is(400)));
        var user = await world.User("longer1");
        Assert.Equal(Why, Message((await world.Patch(user, new { password = "without a digit" })).Is(400)));
        Assert.Equal(Why, Message((await world.Change(user, "longer1", "none")).Is(400)));
        (await world.Change(user, "longer1", "longer2")).Is(204);
        (await admin.Post("v3/users", new { user = new { name = "nothing" } })).Is(201);
        var rules = (await admin.Get("v3/domains/default/config/security_compliance")).Is(200)["config"]["security_compliance"]!;
        Assert.Equal(("^(?=.*\\d).{7,}$", "seven characters and a digit"), ((string?)rules["password_regex"], (string?)rules["password_regex_description"]));
        Assert.Equal("seven characters and a digit", (string?)(await admin.Get("v3/domains/default/config/security_compliance/password_regex_description")).Is(200)["config"]["password_regex_description"]);
        (await world.Patch(user, new { password = (string?)null })).Is(200);
        (await world.Login(user, "longer2")).Is(401);
        (await world.Login(user, "")).Is(401);
    }

    [Theory, OnEachDatabase]
    public async Task A_first_password_is_changed_before_anything_else(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, "change_password_upon_first_use = true");
        var user = await world.User("given");
        (await world.Login(user, "given")).Is(401);
        (await world.Change(user, "given", "mine")).Is(204);
        (await world.Login(user, "mine")).Is(201);
        (await world.Patch(user, new { password = "reset" })).Is(200);
        (await world.Login(user, "reset")).Is(401);
        (await world.Patch(user, new { options = new { ignore_change_password_upon_first_use = true }, password = "again" })).Is(200);
        (await world.Login(user, "again")).Is(201);
    }

    [Theory, OnEachDatabase]
    public async Task Who_stays_away_is_disabled(DatabaseKind kind)
    {
        await using var world = await World.Make(kind, "disable_user_account_days_inactive = 10");
        var user = await world.User("x");
        var admin = await world.Cloud.Admin();
        var spared = await admin.Make("users", "user", new { name = "spared", password = "x", options = new { ignore_user_inactivity = true } });
        async Task Sweep()
        {
            await world.Cloud.Services.GetServices<Loop>().OfType<DisableInactiveUsers>().Single().Run(CancellationToken.None);
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }
        for (var day = 0; day < 3; day++)
        {
            world.Time.Advance(TimeSpan.FromDays(9));
            await Sweep();
            (await world.Login(user, "x")).Is(201);
            await world.Cloud.Admin();
        }
        world.Time.Advance(TimeSpan.FromDays(5));
        await world.Cloud.Admin();
        world.Time.Advance(TimeSpan.FromDays(5));
        // At once, though nothing swept yet.
        (await world.Login(user, "x")).Is(401);
        await Sweep();
        Assert.False((bool)(await world.Show(user))["enabled"]!);
        Assert.True((bool)(await world.Show(spared))["enabled"]!);
        (await world.Login(spared, "x")).Is(201);
        (await world.Patch(user, new { enabled = true })).Is(200);
        await Sweep();
        (await world.Login(user, "x")).Is(201);
    }

    [Theory, OnEachDatabase]
    public async Task Nothing_of_it_is_on_by_itself(DatabaseKind kind)
    {
        await using var world = await World.Make(kind);
        var user = await world.User("x");
        for (var i = 0; i < 8; i++) (await world.Login(user, "wrong")).Is(401);
        (await world.Login(user, "x")).Is(201);
        Assert.Null((await world.Show(user))["password_expires_at"]);
        (await world.Change(user, "x", "x")).Is(204);
        (await world.Change(user, "x", "x")).Is(204);
    }

    [Fact]
    public void A_pattern_that_is_none_refuses_the_start() => Assert.StartsWith("identity.conf:2: password_regex must be a regular expression",
        Assert.Throws<SettingRefused>(() => IdentitySettings.List.Apply(new IdentityOptions { StateKey = new("x") }, SettingsFile.Parse(["[security_compliance]", "password_regex = ("], "x"), "identity.conf")).Message, StringComparison.Ordinal);
}
