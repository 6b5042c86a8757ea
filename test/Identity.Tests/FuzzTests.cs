using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Identity.Credentials;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>What strangers send to the readers of tokens, receipts and signatures: mutations of good ones, the same in every run. Nothing of it is taken, and nothing fails unexpectedly.</summary>
public sealed class FuzzTests
{
    private const string Odd = "\0\n\r\t \"%&+,-./:;=?_~\u007fé\ud83d\ude00AZaz09";

    private static readonly string[] SignedHeaders =
    [
        "OAuth realm=\"x\", oauth_consumer_key=\"c\", oauth_nonce=\"n\", oauth_signature_method=\"HMAC-SHA1\", oauth_timestamp=\"1790000000\", oauth_version=\"1.0\", oauth_signature=\"AAAA\", oauth_callback=\"oob\"",
        "OAuth oauth_consumer_key=c,oauth_token=t,oauth_verifier=v,oauth_nonce=n,oauth_timestamp=1,oauth_signature_method=HMAC-SHA512,oauth_signature=%41%zz",
        "OAuth ", "OAuth =,=,,", "OAuth oauth_timestamp=\"99999999999999999999\"",
    ];

    private static readonly string[] Signed =
    [
        """{"access":"a","signature":"s","host":"h:8773","verb":"GET","path":"/","params":{"SignatureVersion":"2","SignatureMethod":"HmacSHA256","Action":"x","Timestamp":"t"}}""",
        """{"access":"a","signature":"s","host":"h","verb":"POST","path":"/","params":{"X-Amz-Algorithm":"AWS4-HMAC-SHA256","X-Amz-Credential":"a/20260101/r/ec2/aws4_request","X-Amz-SignedHeaders":"host;x","X-Amz-Date":"20260101T000000Z"},"headers":{"x":"y"},"body_hash":"h"}""",
        """{"access":"a","signature":"s","headers":{"Authorization":"AWS4-HMAC-SHA256 Credential=a/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=s","X-Amz-Date":"20260101"},"params":{}}""",
        """{"access":"a","signature":"s","token":"QVdTNC1ITUFDLVNIQTI1NgoyMDI2MDEwMVQwMDAwMDBaCjIwMjYwMTAxL3VzLWVhc3QtMS9zMy9hd3M0X3JlcXVlc3QKMDA="}""",
        """{"access":"a","signature":"s","params":{"SignatureVersion":"0","Action":null,"Timestamp":1},"headers":[],"host":5,"token":"="}""",
    ];

    /// <summary>A few random changes: a character replaced, a piece removed, doubled or moved.</summary>
    private static string Mutated(Random random, string text)
    {
        var changed = new StringBuilder(text);
        for (var n = random.Next(1, 4); n > 0 && changed.Length > 0; n--)
        {
            var at = random.Next(changed.Length);
            var length = random.Next(Math.Min(12, changed.Length - at)) + 1;
            switch (random.Next(4))
            {
                case 0: changed[at] = Odd[random.Next(Odd.Length)]; break;
                case 1: changed.Remove(at, length); break;
                case 2: changed.Insert(random.Next(changed.Length), changed.ToString(at, length)); break;
                default: changed.Insert(at, Odd[random.Next(Odd.Length)]); break;
            }
        }
        // Half a character does not travel as UTF-8.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(changed.ToString()));
    }

    // Spaces, padding, and bits of the last character that stand for nothing make no other token.
    private static bool Same(string a, string b) => string.Concat(a.Where(c => !char.IsWhiteSpace(c))).TrimEnd('=') is var bare && bare.Length == b.Length && bare[..^1] == b[..^1];

    [Fact]
    public void No_mutation_of_a_token_is_one()
    {
        var random = new Random(1);
        var key = Fernet.NewKey();
        using var pair = Jws.PairOf(key);
        var now = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var token = new Token { UserId = "u", Methods = ["password"], Scope = ScopeKind.Project, ScopeId = "p", IssuedAt = now, ExpiresAt = now.AddHours(1), AuditId = "audit" };
        var (fernet, jws) = (Fernet.Write(key, now, token.Pack()), Jws.Write(pair, token));
        for (var i = 0; i < 3000; i++)
        {
            var (one, other) = (Mutated(random, fernet), Mutated(random, jws));
            if (!Same(one, fernet)) Assert.Null(Fernet.Read([key], one));
            if (i % 10 == 0 && !Same(other, jws)) Assert.Null(Jws.Read([pair], other));
        }
    }

    [Fact]
    public void No_mutation_of_a_signed_request_matches_or_fails()
    {
        var random = new Random(2);
        foreach (var seed in Signed)
            for (var i = 0; i < 1000; i++)
            {
                JsonElement request;
                try { request = JsonSerializer.Deserialize<JsonElement>(i == 0 ? seed : Mutated(random, seed)); }
                catch (JsonException) { continue; }
                Assert.False(Ec2Signature.Matches("secret", new Fields(request)));
                Assert.False(S3Signature.Matches("secret", new Fields(request)));
            }
    }

    [Theory, OnEachDatabase]
    public async Task Odd_headers_and_bodies_are_the_clients_fault(DatabaseKind kind)
    {
        var random = new Random(3);
        await using var cloud = await IdentityCloud.Start(kind);
        var (nobody, admin) = (cloud.Nobody(), await cloud.Admin());
        static string Line(string text) => new([.. text.Where(c => c is >= ' ' and < '\u007f')]);
        async Task Refused(Task<Reply> request)
        {
            var reply = await request;
            Assert.InRange((int)reply.Status, 400, 499);
        }
        foreach (var path in (string[])["v3/ec2tokens", "v2.0/ec2tokens", "v3/s3tokens"]) await Refused(admin.Post(path, """{"credentials":{"access":"a","signature":"\ud800","token":"\udfff"}}"""));
        for (var i = 0; i < 60; i++)
        {
            var header = Line(Mutated(random, SignedHeaders[i % SignedHeaders.Length]));
            foreach (var path in (string[])["v3/OS-OAUTH1/request_token", "v3/OS-OAUTH1/access_token"]) await Refused(nobody.Post(path, new { }, ("Authorization", header), ("Requested-Project-Id", "p")));
            var token = Line(Mutated(random, admin.Token));
            if (Same(token, admin.Token)) continue;
            await Refused(new Client(cloud, token.Length == 0 ? "x" : token).Get("v3/users"));
            await Refused(admin.Get("v3/auth/tokens", ("X-Subject-Token", token)));
            await Refused(nobody.Post("v3/auth/tokens", Auth.Body(Auth.Password("admin", IdentityCloud.AdminPassword)), ("Openstack-Auth-Receipt", token)));
            var body = Mutated(random, Signed[i % Signed.Length]);
            var wrapped = JsonNode.Parse("{}")!;
            try { wrapped["credentials"] = JsonNode.Parse(body); }
            catch (JsonException) { continue; }
            foreach (var path in (string[])["v3/ec2tokens", "v2.0/ec2tokens", "v3/s3tokens"]) await Refused(admin.Post(path, wrapped.ToJsonString()));
        }
    }
}
