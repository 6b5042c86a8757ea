using System.Security.Cryptography;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Identity.Catalog;
using Nephos.Identity.Credentials;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Parts that need no cloud.</summary>
public sealed class PartsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_token_survives_its_text_and_no_change_of_it()
    {
        var (key, other) = (Fernet.NewKey(), Fernet.NewKey());
        var token = new Token { UserId = "u", Methods = ["password", "token"], Scope = ScopeKind.Project, ScopeId = "p", IssuedAt = Now, ExpiresAt = Now.AddHours(1), AuditId = Token.NewAuditId(), ParentAuditId = Token.NewAuditId() };
        var text = Fernet.Write(key, Now, token.Pack());
        Assert.StartsWith("gAAAAA", text, StringComparison.Ordinal);
        Assert.True(text.Length < 255, $"{text.Length} characters");
        var back = Token.Unpack(Fernet.Read([other, key], text)!)!;
        Assert.Equal(token with { Methods = back.Methods }, back);
        Assert.Equal(["password", "token"], back.Methods);
        Assert.Null(Fernet.Read([other], text));
        for (var i = 0; i < text.Length; i += 7)
            Assert.Null(Fernet.Read([key], text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..]));
        foreach (var odd in (string[])["", "g", new string('g', 3000), "gAAAA" + new string('!', 200), text + "A", text[..^1]]) Assert.Null(Fernet.Read([key], odd));
    }

    [Fact]
    public void A_token_of_the_first_release_is_read()
    {
        var token = new Token { UserId = "u", Methods = ["password"], IssuedAt = Now, ExpiresAt = Now.AddHours(1), AuditId = "a" };
        // It had no OAuth access token at its end.
        var old = token.Pack()[..^1];
        old[0] = 1;
        BitConverter.GetBytes(Now.ToUnixTimeMilliseconds()).CopyTo(old, 1 + 2 + 2 + 1 + 1);
        BitConverter.GetBytes(Now.AddHours(1).ToUnixTimeMilliseconds()).CopyTo(old, 1 + 2 + 2 + 1 + 1 + 8);
        Assert.Equal(token with { Methods = [] }, Token.Unpack(old)! with { Methods = [] });
        old[0] = 200;
        Assert.Null(Token.Unpack(old));
    }

    [Fact]
    public void A_token_of_the_python_library_is_read()
    {
        // cryptography.fernet: key b"cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=", the specification's own example.
        var key = Convert.FromBase64String("cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4=");
        Assert.Equal("hello"u8.ToArray(), Fernet.Read([key], "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="));
    }

    [Fact]
    public void Passwords_are_stretched_and_random_secrets_are_not()
    {
        var hash = PasswordHash.Of("pässword", 1000);
        Assert.StartsWith("$pbkdf2-sha512$1000$", hash, StringComparison.Ordinal);
        Assert.True(PasswordHash.Matches("pässword", hash));
        Assert.False(PasswordHash.Matches("password", hash));
        Assert.NotEqual(hash, PasswordHash.Of("pässword", 1000));
        Assert.False(PasswordHash.IsCurrent(hash, 2000));
        var quick = PasswordHash.OfRandom("secret");
        Assert.True(PasswordHash.IsQuick(quick) && PasswordHash.Matches("secret", quick) && !PasswordHash.Matches("other", quick));
    }

    [Fact]
    public void Rows_open_only_with_their_own_key()
    {
        static Sealed With(string key) => new(new IdentityOptions { StateKey = new Secret(key) });
        var box = With("a").Seal("text");
        Assert.Equal("text", With("a").OpenText(box));
        Assert.ThrowsAny<CryptographicException>(() => With("b").OpenText(box));
        box[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => With("a").OpenText(box));
    }

    [Theory]
    [InlineData("/v2.1/servers", "/v2.1/servers", true)]
    [InlineData("/v2.1/servers", "/v2.1/servers/x", false)]
    [InlineData("/v2.1/servers/{id}", "/v2.1/servers/x", true)]
    [InlineData("/v2.1/*/x", "/v2.1/servers/x", true)]
    [InlineData("/v2.1/*", "/v2.1/servers/x", false)]
    [InlineData("/v2.1/**", "/v2.1/servers/x", true)]
    [InlineData("/v2.1/**", "/v2.1", true)]
    [InlineData("/**/x", "/a/b/x", true)]
    [InlineData("/**/x/**/y", "/x/x/y/z", false)]
    [InlineData("**", "/", true)]
    [InlineData("/v2.1/*/x", "/v2.1/servers%2Fx", false)]
    [InlineData("/v2.1/servers/{id}", "/v2.1/servers/..%2Fos-keypairs", true)]
    [InlineData("/v2.1/servers", "/v2.1/servers/", false)]
    [InlineData("/v2.1/servers", "/V2.1/servers", false)]
    public void Access_rules_cover_paths(string rule, string path, bool covers) => Assert.Equal(covers, new AccessRule("compute", "GET", rule).Covers("compute", "GET", Segments(path)));

    // As requests come: divided first, decoded then.
    private static string[] Segments(string path) => path == "/" ? [] : [.. path[1..].Split('/').Select(Uri.UnescapeDataString)];

    [Fact]
    public void Access_rules_are_for_one_service_and_method()
    {
        var rule = new AccessRule("compute", "GET", "/x");
        Assert.False(rule.Covers("image", "GET", ["x"]));
        Assert.False(rule.Covers("compute", "POST", ["x"]));
        // Many stars must not cost more than the lengths multiplied.
        Assert.False(new AccessRule("s", "GET", string.Concat(Enumerable.Repeat("/**/a", 40))).Covers("s", "GET", [.. Enumerable.Repeat("a", 500), "b"]));
    }

    [Theory]
    [InlineData("http://x", "http://x")]
    [InlineData("$(public_url)s/v3/$(tenant_id)s", "http://root/v3/p")]
    [InlineData("http://x/%(user_id)s", "http://x/u")]
    [InlineData("http://x/$(other)s", "http://x/$(other)s")]
    public void Urls_are_filled_in(string url, string full) => Assert.Equal(full, CatalogOfEpoch.Expand(url, "http://root", "p", "u"));

    [Fact]
    public void A_url_that_names_a_project_needs_one() => Assert.Null(CatalogOfEpoch.Expand("http://x/$(project_id)s", "r", null, "u"));

    [Theory]
    [InlineData(1, "287082")]
    [InlineData(37037036, "081804")]
    [InlineData(41152263, "005924")]
    public void One_time_codes_are_those_of_the_rfc(long counter, string code) => Assert.Equal(code, OneTimeCodes.Code("12345678901234567890"u8.ToArray(), counter));

    [Fact]
    public void Version_4_signatures_are_amazons()
    {
        // Amazon's published example "GET iam ListUsers".
        var request = JsonSerializer.SerializeToElement(new
        {
            signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", host = "iam.amazonaws.com", verb = "GET", path = "/",
            @params = new Dictionary<string, string> { ["Action"] = "ListUsers", ["Version"] = "2010-05-08" },
            headers = new Dictionary<string, string>
            {
                ["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8", ["X-Amz-Date"] = "20150830T123600Z",
                ["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d67",
            },
            body_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        });
        Assert.True(Ec2Signature.Matches("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", new Fields(request)));
        Assert.False(Ec2Signature.Matches("other", new Fields(request)));
    }
}
