using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Testing;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>Keys of tokens and of what is sealed: another one disturbs nobody.</summary>
public sealed partial class KeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static Token Sample => new()
    {
        UserId = "u",
        Methods = ["password", "token"],
        Scope = ScopeKind.Project,
        ScopeId = "p",
        IssuedAt = Now.AddMicroseconds(1234567),
        ExpiresAt = Now.AddHours(1),
        AuditId = Token.NewAuditId(),
        ParentAuditId = Token.NewAuditId(),
    };

    [Theory, OnEachDatabase]
    public async Task Another_state_key_seals_everything_anew_and_logs_nobody_out(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind);
        var admin = await cloud.Admin();
        var me = (string)(await admin.Get("v3/auth/tokens", ("X-Subject-Token", admin.Token)))["token"]["user"]!["id"]!;
        var credential = await admin.Make("credentials", "credential", new { user_id = me, type = "x", blob = "a secret" });
        await admin.Make("OS-OAUTH1/consumers", "consumer", new { description = "d" });
        (await admin.Put("v3/domains/default/config", new { config = new { ldap = new { url = "ldap://x", password = "a secret" } } })).Is(201);
        var (keys, table) = (cloud.Services.GetRequiredService<IStateKeys>(), cloud.Services.GetRequiredService<SealedTable>());

        // One key of tokens, one credential, one consumer, one password of a directory.
        Assert.Equal(4, await keys.Use(new Secret("new\na key for tests"), TestContext.Current.CancellationToken));
        Assert.Equal(0, await keys.Use(new Secret("new\na key for tests"), TestContext.Current.CancellationToken));
        var onlyNew = new Sealed(new IdentityOptions { StateKey = new Secret("new") });
        Assert.Equal(0, await table.Replace(onlyNew.Renewed));
        var onlyOld = new Sealed(new IdentityOptions { StateKey = new Secret("a key for tests") });
        await Assert.ThrowsAsync<AuthenticationTagMismatchException>(() => table.Replace(onlyOld.Renewed));
        await cloud.Services.GetRequiredService<TokenKeys>().Load();
        Assert.Equal("a secret", (string)(await admin.Get($"v3/credentials/{credential}")).Is(200)["credential"]["blob"]!);
        await cloud.Admin();
    }

    [Fact]
    public void Every_sealed_column_is_sealed_anew()
    {
        var assembly = typeof(SealedTable).Assembly;
        var declared = assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Sum(name =>
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return SealedColumn().Count(text.ReadToEnd());
        });
        Assert.Equal(declared, SealedTable.Columns.Length);
    }

    [Theory, OnEachDatabase]
    public async Task Tokens_of_both_kinds_are_good_whichever_is_made(DatabaseKind kind)
    {
        await using var cloud = await IdentityCloud.Start(kind, change: o => o with { JwsTokens = true });
        var admin = await cloud.Admin();
        Assert.StartsWith("eyJ", admin.Token, StringComparison.Ordinal);
        (await admin.Get("v3/users")).Is(200);
        // What the other setting made.
        await using var sister = await cloud.Sister();
        var fernet = await sister.Admin();
        Assert.StartsWith("gAAAA", fernet.Token, StringComparison.Ordinal);
        (await new Client(cloud, fernet.Token).Get("v3/users")).Is(200);
        (await new Client(sister, admin.Token).Get("v3/users")).Is(200);
        var claims = JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(admin.Token.Split('.')[1]));
        Assert.Equal("password", claims.GetProperty("openstack_methods")[0].GetString());
        (await admin.Delete("v3/auth/tokens", ("X-Subject-Token", admin.Token))).Is(204);
        (await admin.Get("v3/users")).Is(401);
    }

    [Fact]
    public void Signed_json_survives_its_text_and_no_change_of_it()
    {
        using var pair = Jws.PairOf(Fernet.NewKey());
        using var other = Jws.PairOf(Fernet.NewKey());
        foreach (var token in (Token[])[Sample, Sample with { Scope = ScopeKind.None, ScopeId = null, ParentAuditId = null }, Sample with { Scope = ScopeKind.System, ScopeId = "all" },
            Sample with { Scope = ScopeKind.Trust, ApplicationCredentialId = "a", AccessTokenId = "b" }, Sample with { Scope = ScopeKind.Domain }])
        {
            var text = Jws.Write(pair, token);
            var back = Jws.Read([other, pair], text)!;
            Assert.Equal(token with { Methods = back.Methods }, back);
            Assert.Equal(token.Methods, back.Methods);
            Assert.Null(Jws.Read([other], text));
            for (var i = 0; i < text.Length - 1; i += 11) Assert.Null(Jws.Read([pair], text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..]));
        }
        // The trick of tokens that say they need no signature.
        var none = System.Buffers.Text.Base64Url.EncodeToString("{\"typ\":\"JWT\",\"alg\":\"none\"}"u8);
        foreach (var odd in (string[])["", "e", "e..", "..", new string('e', 5000), $"{none}.{Jws.Write(pair, Sample).Split('.')[1]}.", Jws.Write(pair, Sample) + ".", "eyJ.é.x"]) Assert.Null(Jws.Read([pair], odd));
    }

    [Fact]
    public void A_pair_is_the_keys_own_and_another_program_checks_its_signature()
    {
        var key = Fernet.NewKey();
        using var pair = Jws.PairOf(key);
        using var same = Jws.PairOf(key);
        using var published = ECDsa.Create(pair.ExportParameters(includePrivateParameters: false));
        var parts = Jws.Write(same, Sample).Split('.');
        Assert.True(published.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
    }

    [GeneratedRegex(@"sealed\w* BYTEA")]
    private static partial Regex SealedColumn();
}
