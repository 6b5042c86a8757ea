using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nephos.Cli;
using Nephos.Cloud;
using Nephos.Doctor;
using Nephos.Roles;
using Nephos.State;
using Nephos.Testing;
using Nephos.Tls;
using Xunit;

namespace Nephos.Tests.Tls;

public sealed class CertificateTests
{
    static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public async Task What_no_handshake_would_survive_is_refused_with_the_files_name()
    {
        using var files = new MadeCertificates();
        using var other = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var encrypted = other.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000));
        (string Certificate, string Key, string Says)[] cases =
        [
            ("/nonexistent/cert.pem", files.Key, "cannot read /nonexistent/cert.pem"),
            (files.Certificate, "/nonexistent/key.pem", "cannot read /nonexistent/key.pem"),
            (files.Beside("not-a.pem", "hello"), files.Key, "not-a.pem holds no certificate"),
            (files.Certificate, files.Certificate, "cert.pem holds no private key"),
            (files.Certificate, files.Beside("other.key", other.ExportPkcs8PrivateKeyPem()), "other.key does not belong to the certificate"),
            (files.Certificate, files.Beside("curve.key", curve.ExportPkcs8PrivateKeyPem()), "curve.key does not belong to the certificate"),
            (files.Certificate, files.Beside("encrypted.key", encrypted), "encrypted.key is encrypted"),
        ];
        foreach (var (certificate, key, says) in cases)
        {
            var refusal = await Assert.ThrowsAsync<Refusal>(() => ServerCertificate.Read(certificate, key, TestContext.Current.CancellationToken));
            Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(7, "it ends on")]
    [InlineData(-1, "it ended on")]
    public async Task What_clients_will_hold_against_its_dates_is_said(int days, string? says)
    {
        using var files = new MadeCertificates(days, withRoot: true);
        Assert.Equal(says is null ? [] : [says], (await Complaints(files)).Select(f => f.Text[..says!.Length]));
    }

    [Fact]
    public async Task A_name_it_does_not_have_an_unknown_authority_and_an_open_key_are_said()
    {
        using var files = new MadeCertificates();
        File.SetUnixFileMode(files.Key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var complaints = await Complaints(files, "127.0.0.2:8700");
        Assert.Collection(complaints.Select(f => f.Text),
            text => Assert.Contains("does not name 127.0.0.2", text, StringComparison.Ordinal),
            text => Assert.Contains("does not know who signed it", text, StringComparison.Ordinal),
            text => Assert.Contains("can read its key", text, StringComparison.Ordinal));
        Assert.All(complaints, f => Assert.NotNull(f.Mend));
    }

    [Fact]
    public async Task The_authority_for_clients_is_the_root_in_the_file()
    {
        using var with = new MadeCertificates(withRoot: true);
        using var without = new MadeCertificates();
        Assert.Equal(with.Root.ExportCertificatePem(), (await Read(with)).Authority());
        Assert.Null((await Read(without)).Authority());
    }

    [Fact]
    public async Task A_client_that_knows_the_root_alone_is_served_and_its_links_are_https()
    {
        var ct = TestContext.Current.CancellationToken;
        using var temp = new TempFolder();
        using var files = new MadeCertificates();
        var options = new NephosOptions { State = temp["state"], Listen = $"127.0.0.1:{FreePort.Next()}", ClassicPorts = false, Fake = true, TlsCertificate = files.Certificate, TlsKey = files.Key };
        var folder = new StateFolder(options.State);
        folder.Create();
        await using var cloud = await CloudHost.Start(new ControllerStart(options, folder.CloudId, folder.Controller, folder.LinkSocket, new("admin"), await Read(files)), ct);

        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { files.Root }, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        using var client = new HttpClient(handler);
        var versions = await client.GetStringAsync(new Uri($"{options.LocalUrl}/compute/"), ct);
        Assert.Contains($"\"href\":\"{options.LocalUrl}/compute/v2.1/\"", versions, StringComparison.Ordinal);
        Assert.StartsWith("https://", options.LocalUrl, StringComparison.Ordinal);
        Directory.Delete(folder.Run, recursive: true);
    }

    static Task<ServerCertificate> Read(MadeCertificates files) => ServerCertificate.Read(files.Certificate, files.Key, TestContext.Current.CancellationToken);

    static async Task<IReadOnlyList<Finding>> Complaints(MadeCertificates files, string listen = "127.0.0.1:8700") =>
        [.. CertificateChecks.Of(await Read(files), new NephosOptions { State = "/tmp", Listen = listen, TlsCertificate = files.Certificate, TlsKey = files.Key }, Now).Where(f => f.Verdict != Verdict.Good)];
}
