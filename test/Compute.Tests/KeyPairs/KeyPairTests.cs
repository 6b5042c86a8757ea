using System.Net;
using System.Security.Cryptography;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests.KeyPairs;

public sealed class KeyPairTests
{
    [Theory, OnEachDatabase]
    public async Task A_generated_pair_fits_together_and_is_the_users_own(DatabaseKind kind)
    {
        await using var cloud = await TestCloud.Start(kind);
        var made = (await cloud.Send("demo", "POST", "/os-keypairs", new { keypair = new { name = "mine" } }))["keypair"];
        using var rsa = RSA.Create();
        rsa.ImportFromPem(made["private_key"].Text);
        Assert.Contains(Convert.ToBase64String(rsa.ExportParameters(false).Modulus!)[8..40], made["public_key"].Text[20..] + Convert.ToBase64String(rsa.ExportParameters(false).Modulus!), StringComparison.Ordinal);
        Assert.Equal(47, made["fingerprint"].Text.Length);
        Assert.Equal("mine", (await cloud.Send("demo", "GET", "/os-keypairs"))["keypairs"][0]["keypair"]["name"].Text);
        Assert.Equal("ssh", (await cloud.Send("demo", "GET", "/os-keypairs/mine", version: "2.2"))["keypair"]["type"].Text);
        Assert.Equal("Key pair 'mine' already exists.", await cloud.Refused(HttpStatusCode.Conflict, "demo", "POST", "/os-keypairs", new { keypair = new { name = "mine" } }));
        await cloud.Refused(HttpStatusCode.NotFound, "other", "GET", "/os-keypairs/mine");
        await cloud.Refused(HttpStatusCode.Forbidden, "other", "GET", $"/os-keypairs?user_id={"demo".PadRight(32, '0')}", version: "2.10");
        Assert.Equal(1, (await cloud.Send("admin", "GET", $"/os-keypairs?user_id={"demo".PadRight(32, '0')}", version: "2.10"))["keypairs"].Count);
        using (var gone = await cloud.Try("demo", "DELETE", "/os-keypairs/mine")) Assert.Equal(HttpStatusCode.Accepted, gone.StatusCode);
        await cloud.Refused(HttpStatusCode.NotFound, "demo", "DELETE", "/os-keypairs/mine", version: "2.2");
    }

    [Theory, OnEachDatabase]
    public async Task Imported_keys_are_checked_and_have_upstreams_fingerprint(DatabaseKind kind)
    {
        const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@here";
        await using var cloud = await TestCloud.Start(kind);
        Assert.Equal("65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd",
            (await cloud.Send("demo", "POST", "/os-keypairs", new { keypair = new { name = "ed", public_key = Key, type = "ssh" } }, "2.2"))["keypair"]["fingerprint"].Text);
        Assert.Equal("Keypair data is invalid: failed to generate fingerprint",
            await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", "/os-keypairs", new { keypair = new { name = "x", public_key = "ssh-rsa JUNK nova@x" } }));
        await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", "/os-keypairs", new { keypair = new { name = "key/.\\:" } });
        await cloud.Refused(HttpStatusCode.BadRequest, "demo", "POST", "/os-keypairs", new { keypair = new { name = "no-key" } }, "2.92");
        var x509 = (await cloud.Send("demo", "POST", "/os-keypairs", new { keypair = new { name = "win", type = "x509" } }, "2.2"))["keypair"];
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", x509["public_key"].Text, StringComparison.Ordinal);
    }
}
