using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Drivers.Exec;
using Nephos.Image.Signatures;
using Nephos.Image.Tests.Web;
using Nephos.Image.Web;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests;

/// <summary>An image with a signature takes only the data that was signed.</summary>
public sealed class SignatureTests
{
    private static readonly byte[] Data = RandomNumberGenerator.GetBytes(100_000);

    private static async Task<(Guid Id, byte[] Signature)> Signed(ImageHost host, string kind, HashAlgorithmName hash, DateTimeOffset? end = null)
    {
        var (id, name, now) = (NewId.Uuid(), new X500DistinguishedName("CN=signer"), TimeProvider.System.GetUtcNow());
        X509Certificate2 certificate;
        byte[] signature;
        if (kind.StartsWith("RSA", StringComparison.Ordinal))
        {
            using var rsa = RSA.Create(2048);
            certificate = new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pss).CreateSelfSigned(now.AddDays(-2), end ?? now.AddDays(1));
            signature = rsa.SignData(Data, hash, RSASignaturePadding.Pss);
        }
        else
        {
            using var curve = ECDsa.Create(kind == "P384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP521);
            certificate = new CertificateRequest(name, curve, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-2), end ?? now.AddDays(1));
            signature = curve.SignData(Data, hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        // Where the host's store of certificates is.
        using (certificate) await File.WriteAllTextAsync(Path.Combine(host.Services.GetRequiredService<ImageOptions>().Staging, $"{id}.pem"), certificate.ExportCertificatePem());
        return (id, signature);
    }

    private static Task<string> New(ImageHost host, byte[] signature, string hash, string key, object certificate) => host.Create(new JsonObject
    {
        ["disk_format"] = "raw", ["container_format"] = "bare", ["img_signature"] = Convert.ToBase64String(signature), ["img_signature_hash_method"] = hash, ["img_signature_key_type"] = key,
        ["img_signature_certificate_uuid"] = certificate.ToString(),
    });

    private static Task<Reply> Upload(ImageHost host, string id, byte[] data) => host.Send("PUT", $"/v2/images/{id}/file", ImageHost.Alice, data);

    [Theory]
    [InlineData("RSA", "RSA-PSS", "SHA-256")]
    [InlineData("RSA", "RSA-PSS", "SHA-512")]
    [InlineData("P384", "ECC_SECP384R1", "SHA-384")]
    [InlineData("P521", "ECC_SECP521R1", "SHA-512")]
    public async Task What_was_signed_is_taken_and_nothing_else(string kind, string key, string hash)
    {
        await using var host = await ImageHost.Start();
        var (certificate, signature) = await Signed(host, kind, new HashAlgorithmName(hash.Replace("-", "", StringComparison.Ordinal)));
        var id = await New(host, signature, hash, key, certificate);
        var other = (byte[])Data.Clone();
        other[^1] ^= 1;
        var refused = await Upload(host, id, other);
        Assert.Equal(400, refused.Status);
        Assert.Contains("Signature verification failed for image", refused.Text, StringComparison.Ordinal);
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Empty(host.Store.Data);
        Assert.Equal(204, (await Upload(host, id, Data)).Status);
        Assert.Equal("active", (await host.Get($"/v2/images/{id}"))["status"]);
    }

    /// <summary>Signatures as other programs make them.</summary>
    [Theory]
    [InlineData("RSA-PSS", "sha224", "rsa:2048")]
    [InlineData("RSA-PSS", "sha384", "rsa:2048")]
    [InlineData("DSA", "sha224", "dsa")]
    [InlineData("DSA", "sha256", "dsa")]
    [InlineData("DSA", "sha512", "dsa")]
    [InlineData("ECC_SECP384R1", "sha224", "secp384r1")]
    [InlineData("ECC_SECP521R1", "sha512", "secp521r1")]
    [InlineData("ECC_SECT409K1", "sha256", "sect409k1")]
    [InlineData("ECC_SECT409R1", "sha384", "sect409r1")]
    [InlineData("ECC_SECT571K1", "sha512", "sect571k1")]
    [InlineData("ECC_SECT571R1", "sha512", "sect571r1")]
    public async Task Every_kind_of_key_and_digest_is_verified(string kind, string hash, string key)
    {
        var ct = TestContext.Current.CancellationToken;
        var (folder, commands) = (Directory.CreateTempSubdirectory("nephos-test-").FullName, new Commands(NullLoggerFactory.Instance, TimeProvider.System));
        Task OpenSsl(string line) => commands.Must(new Command("openssl", line.Split(' ')) { WorkingDirectory = folder }, ct);
        try
        {
            await (kind switch
            {
                "RSA-PSS" => OpenSsl("genrsa -out key 2048"),
                "DSA" => OpenSsl("dsaparam -genkey -noout -out key 1024"),
                _ => OpenSsl($"ecparam -name {key} -genkey -noout -out key"),
            });
            await OpenSsl("req -new -x509 -key key -subj /CN=signer -days 2 -sha256 -out certificate");
            await File.WriteAllBytesAsync(Path.Combine(folder, "data"), Data, ct);
            await OpenSsl($"dgst -{hash} -sign key -out signature{(kind == "RSA-PSS" ? " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max" : "")} data");
            using var certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(Path.Combine(folder, "certificate"), ct));
            var properties = new Dictionary<string, string>
            {
                [ImageSignature.SignatureProperty] = Convert.ToBase64String(await File.ReadAllBytesAsync(Path.Combine(folder, "signature"), ct)), [ImageSignature.KeyProperty] = kind,
                [ImageSignature.HashProperty] = hash.ToUpperInvariant().Insert(3, "-"), [ImageSignature.CertificateProperty] = NewId.Uuid().ToString(),
            };
            var (signature, now) = (ImageSignature.Of(properties)!, TimeProvider.System.GetUtcNow().AddSeconds(5));
            Assert.Null(signature.Refusal(certificate, Digests.Of(signature.Hash, Data), now));
            Assert.NotNull(signature.Refusal(certificate, Digests.Of(signature.Hash, Data[1..]), now));
            foreach (var other in (string[])["RSA-PSS", "DSA", "ECC_SECP384R1", "ECC_SECP521R1", "ECC_SECT409K1", "ECC_SECT409R1", "ECC_SECT571K1", "ECC_SECT571R1"])
                if (other != kind) Assert.Equal($"the certificate has no key of the kind {other}", (signature with { KeyType = other }).Refusal(certificate, Digests.Of(signature.Hash, Data), now));
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    [Fact]
    public async Task From_wherever_data_is_fetched_only_what_was_signed_is_taken()
    {
        await using var server = await WebServer.Start(async http => await http.Response.Body.WriteAsync(http.Request.Path == "/right" ? Data : Data[1..]));
        await using var peer = await ImageHost.Start();
        await using var host = await ImageHost.Start(options: o => o with { Web = new WebOptions { AllowedPorts = [server.Port], AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")] } });
        host.Identity.Regions["Other"] = peer.Url + "/image";
        var (certificate, signature) = await Signed(host, "P384", HashAlgorithmName.SHA384);
        foreach (var (path, data, status) in ((string, byte[], string)[])[("right", Data, "active"), ("wrong", Data[1..], "queued")])
            foreach (var method in (object[])[new { name = "web-download", uri = $"http://127.0.0.1:{server.Port}/{path}" }, new { name = "glance-download", glance_region = "Other", glance_image_id = await peer.CreateRaw("s", data) }])
            {
                var id = await New(host, signature, "SHA-384", "ECC_SECP384R1", certificate);
                Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, new { method })).Status);
                await host.Settled(id);
                Assert.Equal(status, (await host.Get($"/v2/images/{id}"))["status"]);
            }
        Assert.Equal(2, host.Store.Data.Count);
    }

    [Fact]
    public async Task Data_that_was_staged_before_its_signature_came_is_verified_by_the_import()
    {
        await using var host = await ImageHost.Start();
        var (certificate, signature) = await Signed(host, "P384", HashAlgorithmName.SHA384);
        foreach (var (data, status) in ((byte[], string)[])[(Data, "active"), (Data[1..], "queued")])
        {
            var id = await host.CreateRaw("x");
            Assert.Equal(204, (await host.Send("PUT", $"/v2/images/{id}/stage", ImageHost.Alice, data)).Status);
            var patch = new JsonArray([.. new[] { ("img_signature", Convert.ToBase64String(signature)), ("img_signature_hash_method", "SHA-384"), ("img_signature_key_type", "ECC_SECP384R1"), ("img_signature_certificate_uuid", certificate.ToString()) }
                .Select(p => (JsonNode)new JsonObject { ["op"] = "add", ["path"] = "/" + p.Item1, ["value"] = p.Item2 })]);
            Assert.Equal(200, (await host.Send("PATCH", $"/v2/images/{id}", ImageHost.Alice, patch, "application/openstack-images-v2.1-json-patch")).Status);
            Assert.Equal(202, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, new { method = new { name = "glance-direct" } })).Status);
            await host.Settled(id);
            Assert.Equal(status, (await host.Get($"/v2/images/{id}"))["status"]);
        }
        Assert.Single(host.Store.Data);
    }

    [Theory, OnEachDatabase]
    public async Task What_cannot_be_verified_is_refused_with_the_reason(DatabaseKind database)
    {
        await using var host = await ImageHost.Start(database);
        var (certificate, signature) = await Signed(host, "RSA", HashAlgorithmName.SHA256);
        var (old, _) = await Signed(host, "RSA", HashAlgorithmName.SHA256, TimeProvider.System.GetUtcNow().AddDays(-1));
        var broken = NewId.Uuid();
        await File.WriteAllTextAsync(Path.Combine(host.Services.GetRequiredService<ImageOptions>().Staging, $"{broken}.pem"), "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
        async Task Refused(string why, string hash, string key, object id) => Assert.Contains(why, (await Upload(host, await New(host, signature, hash, key, id), Data)).Text, StringComparison.Ordinal);
        await Refused("there is no certificate", "SHA-256", "RSA-PSS", NewId.Uuid());
        await Refused("cannot be read", "SHA-256", "RSA-PSS", broken);
        await Refused("the certificate is valid from", "SHA-256", "RSA-PSS", old);
        await Refused("no key of the kind ECC_SECP384R1", "SHA-256", "ECC_SECP384R1", certificate);
        await Refused("not that of this data", "SHA-512", "RSA-PSS", certificate);
        await Refused("must be one of SHA-224, SHA-256, SHA-384, SHA-512", "MD5", "RSA-PSS", certificate);
        await Refused("img_signature_key_type must be one of", "SHA-256", "RSA", certificate);
        await Refused("must be a UUID", "SHA-256", "RSA-PSS", "../../etc/passwd");
        Assert.Empty(host.Store.Data);
        // Without all four nobody asked.
        var id = await host.Create(new { disk_format = "raw", container_format = "bare", img_signature = "AAAA" });
        Assert.Equal(204, (await Upload(host, id, Data)).Status);
    }

    [Fact]
    public void A_salt_as_long_as_can_be_is_what_upstreams_signers_choose()
    {
        // Made by `openssl dgst -sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max`.
        const string Certificate = "MIIDBTCCAe2gAwIBAgIUW5wXawFj8I1jPwZzSt8TapVTfmYwDQYJKoZIhvcNAQELBQAwETEPMA0GA1UEAwwGc2lnbmVyMCAXDTI2MTEyMTE2NDIxM1oYDzIxMjYxMDI4MTY0MjEzWjARMQ8wDQYDVQQDDAZzaWduZXIwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCzpKWtmrJjdh+ZvY/TcgTb+Z3Kh6EnNyBVq9fGntx+wE3210yQ8v/Onpvre6ihC2W7riC5jIm3LKjiqzNslne/1a4DKp5Zg4trVMjlt8Ef5k7aVspRRJA4liLO2H+Sjdk+m/cx5zguyC/uaI/ldRwT1g3HJt35/IRL5fI/W2V2tALXpQSRzpbrbVsPUtVrosb2FKdoraIpWYci6tdog4w4HVRaD4Tt+dYJkwLunL23oiENAro8U86TB4VDgeiIk6b4gWtHHsDRetv5xaM4UElTDVw69nk+1mlsMDEwdTJHrSAI4kP9/4vEzvlJKeotEN0PFerIMcfp648cOFiYbFsjAgMBAAGjUzBRMB0GA1UdDgQWBBTDTHmOdV+PyNnN3M8mKxd26MEzZDAfBgNVHSMEGDAWgBTDTHmOdV+PyNnN3M8mKxd26MEzZDAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCZgzdz0mioYSSWZlbnoHztBTXDS146bzOWsLSYxnCy3g5ZunHG7n8V8HFW+RRADM4138fqA7AwDLAe3YTWTDjNP9g1xAhNT/noX18bqCjeIQ9GFdqslgkDImZJ8UWYcQjGXF91RejSo/UzASryVPA0XPp+0/lLNoMn2Peiqa3m0ldK4k/IHVBE95KTz6160KsqE72ngYtTVd9OsQ44vKn5OfIQV9TrevvbPshWYLl4el0Ar+OUix7g0lzJEaV3KKqDhl4dQFJdA4vJNAR+DXJbgg7tRffq6zpSJ2JWQy2fXOzXNC9p/SD9EiE0Gr/iiaB4FLaHFU+mMr+KdCP7zZT3";
        const string Signature = "P22LiRpwdmCCT4ErUo+2IvvObvYlEbuUK9NGfI8kQqD67mQprtkqmrMsFkoiJ7vJWv8yYWwIN3zpLhbvVibz4BMYcdeO3nCyyBesuWrSURJ0N9jcAGW3GhF9SeKWL5JJU2SRo/B9xgJbJDo1OaWj9yItIGTXeXBhIe/ldZEDLhEvMY6rvVPngwgQBg6MbFun91fmXjOz4d2BLzwBzfoGIdM1k0Mcej4+gAl86CMlSlHWH9jOLBUgpveyj2IdAJRw32Iu8m+QAyCR4KGl0lY2A61aUllvkdmxc45kUvzFbUdmilAso6kmJSHQDmWIbnJD/+7jzU6ZCFTZso9y9RWkOQ==";
        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(Certificate));
        var signature = new ImageSignature(Convert.FromBase64String(Signature), HashAlgorithmName.SHA512, "RSA-PSS", NewId.Uuid());
        var (digest, now) = (SHA512.HashData("the data of an image"u8), new DateTimeOffset(certificate.NotBefore.AddDays(1)));
        Assert.Null(signature.Refusal(certificate, digest, now));
        Assert.NotNull(signature.Refusal(certificate, SHA512.HashData("another"u8), now));
        for (var i = 0; i < signature.Value.Length; i += 17)
        {
            var changed = (byte[])signature.Value.Clone();
            changed[i] ^= 0x10;
            Assert.NotNull((signature with { Value = changed }).Refusal(certificate, digest, now));
        }
        foreach (var length in (int[])[0, 1, 255, 257]) Assert.NotNull((signature with { Value = new byte[length] }).Refusal(certificate, digest, now));
    }
}
