using System.Text;
using Nephos.Identity.OAuth1;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

public sealed class OAuth1Tests
{
    /// <summary>A consumer with its secret, that signs as clients do.</summary>
    private sealed record Consumer(IdentityCloud Cloud, string Id, string Secret)
    {
        public (string, string) Sign(string path, string token = "", string tokenSecret = "", string? verifier = null, string method = "HMAC-SHA1", DateTimeOffset? at = null, string http = "POST", string? nonce = null, string? secret = null)
        {
            var oauth = new Dictionary<string, string>
            {
                ["oauth_consumer_key"] = Id, ["oauth_signature_method"] = method, ["oauth_version"] = "1.0", ["oauth_nonce"] = nonce ?? Random.Shared.NextInt64().ToString(),
                ["oauth_timestamp"] = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds().ToString(),
            };
            if (token.Length > 0) oauth["oauth_token"] = token;
            if (verifier is not null) oauth["oauth_verifier"] = verifier;
            if (token.Length == 0) oauth["oauth_callback"] = "oob";
            var text = OAuthSignature.BaseString(http, $"{Cloud.Root}/identity/{path}", oauth);
            oauth["oauth_signature"] = Convert.ToBase64String(OAuthSignature.Of(method, text, secret ?? Secret, tokenSecret));
            return ("Authorization", "OAuth realm=\"\", " + string.Join(", ", oauth.Select(p => $"{p.Key}=\"{Uri.EscapeDataString(p.Value)}\"")));
        }
    }

    private static (string Key, string Secret) Pair(Reply reply)
    {
        Assert.Equal("application/x-www-form-urlencoded", reply.Message.Content.Headers.ContentType!.MediaType);
        var form = reply.Text.Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
        Assert.True(form.ContainsKey("oauth_expires_at"));
        return (form["oauth_token"], form["oauth_token_secret"]);
    }

    private static async Task<Consumer> New(IdentityCloud cloud, Client admin)
    {
        var made = (await admin.Post("v3/OS-OAUTH1/consumers", new { consumer = new { description = "a program" } })).Is(201)["consumer"];
        return new(cloud, (string)made["id"]!, (string)made["secret"]!);
    }

    private static readonly object OAuthBody = Auth.Body(new { methods = new[] { "oauth1" }, oauth1 = new { } });

    [Theory, OnEachDatabase]
    public async Task Consumers_are_kept_and_their_secret_is_shown_once(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var made = (await admin.Post("v3/OS-OAUTH1/consumers", new { consumer = new { description = "d", color = "red" } })).Is(201)["consumer"];
        var path = $"v3/OS-OAUTH1/consumers/{made["id"]}";
        Assert.Equal(32, ((string)made["secret"]!).Length);
        Assert.Equal($"{cloud.Root}/identity/{path}", (string?)made["links"]!["self"]);
        var shown = (await admin.Get(path)).Is(200)["consumer"];
        Assert.Null(shown["secret"]);
        Assert.Equal("red", (string?)shown["color"]);
        var plain = (await admin.Post("v3/OS-OAUTH1/consumers", new { consumer = new { } })).Is(201)["consumer"];
        Assert.True(plain.AsObject().ContainsKey("description"));
        Assert.Equal(2, (await admin.Get("v3/OS-OAUTH1/consumers")).Is(200)["consumers"].AsArray().Count);
        Assert.Equal("new", (string?)(await admin.Patch(path, new { consumer = new { description = "new" } })).Is(200)["consumer"]["description"]);
        (await admin.Patch(path, new { consumer = new { secret = "mine" } })).Is(400);
        (await admin.Patch(path, new { consumer = new { } })).Is(400);
        (await admin.Patch(path, new { consumer = new { id = "other", description = "x" } })).Is(400);
        (await admin.Post("v3/OS-OAUTH1/consumers", new { consumer = new { description = 1 } })).Is(400);
        (await admin.Delete(path)).Is(204);
        Assert.Equal("Consumer not found", (string?)(await admin.Get(path)).Is(404)["error"]["message"]);
        (await admin.Delete(path)).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task A_user_lends_roles_to_a_consumer(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var (admin, nobody) = (await cloud.Admin(), cloud.Nobody());
        var consumer = await New(cloud, admin);
        var project = (string)(await admin.Get("v3/projects?name=admin"))["projects"][0]!["id"]!;
        var roles = (await admin.Get("v3/roles"))["roles"].AsArray().ToDictionary(r => (string)r!["name"]!, r => (string)r!["id"]!);

        const string Request = "v3/OS-OAUTH1/request_token", Access = "v3/OS-OAUTH1/access_token";
        var (key, secret) = Pair((await nobody.Post(Request, "", consumer.Sign(Request), ("Requested-Project-Id", project))).Is(201));
        // Not yet authorized.
        (await nobody.Post(Access, "", consumer.Sign(Access, key, secret, "abcdefgh"))).Is(401);
        var authorize = $"v3/OS-OAUTH1/authorize/{key}";
        (await admin.Put(authorize, new { roles = new[] { new { id = "absent" } } })).Is(401);
        (await admin.Put(authorize, new { roles = new[] { new { nothing = "x" } } })).Is(400);
        (await admin.Put("v3/OS-OAUTH1/authorize/absent", new { roles = new[] { new { id = roles["member"] } } })).Is(404);
        var verifier = (string)(await admin.Put(authorize, new { roles = new[] { new { name = "member" } } })).Is(200)["token"]["oauth_verifier"]!;
        (await nobody.Post(Access, "", consumer.Sign(Access, key, secret, "abcdefgh"))).Is(401);
        (await nobody.Post(Access, "", consumer.Sign(Access, key, "wrong", verifier))).Is(401);
        var (access, accessSecret) = Pair((await nobody.Post(Access, "", consumer.Sign(Access, key, secret, verifier))).Is(201));
        (await nobody.Post(Access, "", consumer.Sign(Access, key, secret, verifier))).Is(404);

        var sign = consumer.Sign("v3/auth/tokens", access, accessSecret, method: "HMAC-SHA256");
        var reply = (await nobody.Post("v3/auth/tokens", OAuthBody, sign)).Is(201);
        // A request that was overheard is of no use.
        (await nobody.Post("v3/auth/tokens", OAuthBody, sign)).Is(401);
        var token = reply["token"];
        Assert.Equal(project, (string?)token["project"]!["id"]);
        Assert.Equal(["member", "reader"], token["roles"]!.AsArray().Select(r => (string)r!["name"]!).Order());
        Assert.Equal(access, (string?)token["OS-OAUTH1"]!["access_token_id"]);
        Assert.Equal(consumer.Id, (string?)token["OS-OAUTH1"]!["consumer_id"]);
        Assert.Equal(["oauth1"], token["methods"]!.AsArray().Select(m => (string)m!));
        var lent = new Client(cloud, reply.Header("X-Subject-Token"));
        (await lent.Get("v3/auth/catalog")).Is(200);
        // What was lent makes nothing that outlives it.
        (await nobody.Post("v3/auth/tokens", Auth.Body(Auth.ByToken(lent.Token), Auth.Project(project)))).Is(403);
        (await lent.Get("v3/credentials")).Is(403);
        var me = (string)token["user"]!["id"]!;
        (await lent.Post($"v3/users/{me}/application_credentials", new { application_credential = new { name = "x" } })).Is(403);

        var list = (await admin.Get($"v3/users/{me}/OS-OAUTH1/access_tokens")).Is(200)["access_tokens"].AsArray();
        var view = Assert.Single(list)!;
        Assert.Equal((access, consumer.Id, me, project), ((string?)view["id"], (string?)view["consumer_id"], (string?)view["authorizing_user_id"], (string?)view["project_id"]));
        Assert.Null(view["access_secret"]);
        var path = $"v3/users/{me}/OS-OAUTH1/access_tokens/{access}";
        Assert.Equal($"{cloud.Root}/identity/{path}/roles", (string?)(await admin.Get(path)).Is(200)["access_token"]["links"]!["roles"]);
        Assert.Equal("member", (string?)(await admin.Get(path + "/roles")).Is(200)["roles"][0]!["name"]);
        (await admin.Get($"{path}/roles/{roles["member"]}")).Is(200);
        (await admin.Get($"{path}/roles/{roles["reader"]}")).Is(404);
        (await admin.Get($"v3/users/absent/OS-OAUTH1/access_tokens/{access}")).Is(404);
        (await admin.Delete(path)).Is(204);
        (await admin.Get(path)).Is(404);
        (await lent.Get("v3/auth/catalog")).Is(401);
        (await nobody.Post("v3/auth/tokens", OAuthBody, consumer.Sign("v3/auth/tokens", access, accessSecret))).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task A_consumer_takes_its_tokens_with_it_and_time_ends_them(DatabaseKind kind)
    {
        var time = new ManualTimeProvider();
        await using var cloud = await IdentityCloud.Start(kind, time);
        var (admin, nobody) = (await cloud.Admin(), cloud.Nobody());
        var project = (string)(await admin.Get("v3/projects?name=admin"))["projects"][0]!["id"]!;
        const string Request = "v3/OS-OAUTH1/request_token", Access = "v3/OS-OAUTH1/access_token", Tokens = "v3/auth/tokens";
        var consumer = await New(cloud, admin);
        var (old, _) = Pair((await nobody.Post(Request, "", consumer.Sign(Request, at: time.GetUtcNow()), ("Requested-Project-Id", project))).Is(201));
        time.Advance(TimeSpan.FromHours(8) + TimeSpan.FromSeconds(1));
        admin = await cloud.Admin();
        (await admin.Put($"v3/OS-OAUTH1/authorize/{old}", new { roles = new[] { new { name = "member" } } })).Is(401);

        var (key, secret) = Pair((await nobody.Post(Request, "", consumer.Sign(Request, at: time.GetUtcNow()), ("Requested-Project-Id", project))).Is(201));
        var verifier = (string)(await admin.Put($"v3/OS-OAUTH1/authorize/{key}", new { roles = new[] { new { name = "member" } } })).Is(200)["token"]["oauth_verifier"]!;
        var (access, accessSecret) = Pair((await nobody.Post(Access, "", consumer.Sign(Access, key, secret, verifier, at: time.GetUtcNow()))).Is(201));
        async Task<Reply> Login() => await nobody.Post(Tokens, OAuthBody, consumer.Sign(Tokens, access, accessSecret, at: time.GetUtcNow()));
        var lent = new Client(cloud, (await Login()).Is(201).Header("X-Subject-Token"));
        time.Advance(TimeSpan.FromHours(23.5));
        var late = (await Login()).Is(201)["token"];
        // No token outlives the leave.
        Assert.StartsWith("2030-01-02T08:00:01", (string?)late["expires_at"], StringComparison.Ordinal);
        lent = new Client(cloud, (await Login()).Is(201).Header("X-Subject-Token"));
        (await (await cloud.Admin()).Delete($"v3/OS-OAUTH1/consumers/{consumer.Id}")).Is(204);
        (await lent.Get("v3/auth/catalog")).Is(401);
        (await Login()).Is(404);
    }

    [Theory, OnEachDatabase]
    public async Task Requests_that_are_not_signed_right_are_refused(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var (admin, nobody) = (await cloud.Admin(), cloud.Nobody());
        var consumer = await New(cloud, admin);
        var project = ("Requested-Project-Id", (string)(await admin.Get("v3/projects?name=admin"))["projects"][0]!["id"]!);
        const string Path = "v3/OS-OAUTH1/request_token";
        Task<Reply> Ask(params (string, string)[] headers) => nobody.Post(Path, "", headers);

        (await Ask(project)).Is(400);
        (await Ask(("Authorization", "Basic YTpi"), project)).Is(400);
        (await Ask(consumer.Sign(Path))).Is(400);
        (await Ask(consumer.Sign(Path), ("Requested-Project-Id", "absent"))).Is(404);
        (await Ask((consumer with { Id = "absent" }).Sign(Path), project)).Is(404);
        (await Ask(consumer.Sign(Path, secret: "wrong"), project)).Is(401);
        (await Ask(consumer.Sign(Path, http: "GET"), project)).Is(401);
        (await Ask(consumer.Sign("v3/other"), project)).Is(401);
        (await Ask(consumer.Sign(Path, at: DateTimeOffset.UtcNow.AddMinutes(-11)), project)).Is(400);
        (await Ask(consumer.Sign(Path, at: DateTimeOffset.UtcNow.AddMinutes(11)), project)).Is(400);
        (await Ask(consumer.Sign(Path, method: "PLAINTEXT"), project)).Is(400);
        (await Ask(consumer.Sign(Path, nonce: new string('1', 65)), project)).Is(400);
        var (name, good) = consumer.Sign(Path);
        (await Ask((name, good.Replace("1.0", "2.0", StringComparison.Ordinal)), project)).Is(400);
        (await Ask((name, good + ", oauth_version=\"1.0\""), project)).Is(400);
        foreach (var bad in (string[])["OAuth", "OAuth ", "OAuth x", "OAuth %%%=%%%", "OAuth oauth_consumer_key", "OAuth oauth_consumer_key=\"", $"OAuth oauth_consumer_key=\"{consumer.Id}\""])
            (await Ask((name, bad), project)).Is(400);
        foreach (var path in (string[])["v3/OS-OAUTH1/access_token", "v3/auth/tokens"])
        {
            (await nobody.Post(path, OAuthBody)).Is(400);
            (await nobody.Post(path, OAuthBody, consumer.Sign(path))).Is(400);
            (await nobody.Post(path, OAuthBody, consumer.Sign(path, "absent", "x", "abcdefgh"))).Is(404);
        }
        (await admin.Get(Path)).Is(405);
        (await Ask((name, good), project)).Is(201);
    }

    [Fact]
    public void The_base_string_is_the_rfcs()
    {
        // RFC 5849, 3.4.1.1: parameters of query, header and form together.
        KeyValuePair<string, string>[] parameters =
        [
            new("b5", "=%3D"), new("a3", "a"), new("c@", ""), new("a2", "r b"), new("oauth_consumer_key", "9djdj82h48djs9d2"), new("oauth_token", "kkk9d7dh3k39sjv7"),
            new("oauth_signature_method", "HMAC-SHA1"), new("oauth_timestamp", "137131201"), new("oauth_nonce", "7d8f3e4a"), new("c2", ""), new("a3", "2 q"), new("oauth_signature", "left out"),
        ];
        Assert.Equal("POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2"
            + "%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7", OAuthSignature.BaseString("post", "HTTP://EXAMPLE.COM:80/request", parameters));
    }

    [Fact]
    public void The_signature_is_the_specifications()
    {
        // OAuth Core 1.0, appendix A.5.
        const string Text = "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oauth_consumer_key%3Ddpf43f3p2l4k3l03%26oauth_nonce%3Dkllo9940pd9333jh%26oauth_signature_method%3DHMAC-SHA1"
            + "%26oauth_timestamp%3D1191242096%26oauth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0%26size%3Doriginal";
        Assert.Equal("tR3+Ty81lMeYAr/Fid0kMTYa/WM=", Convert.ToBase64String(OAuthSignature.Of("HMAC-SHA1", Text, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00")));
        Assert.Equal(64, OAuthSignature.Of("HMAC-SHA512", Text, "a", Encoding.UTF8.GetString("b"u8)).Length);
    }
}
