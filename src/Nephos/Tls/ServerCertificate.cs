using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nephos.Cli;
using Secret = Nephos.Contracts.Secret;

namespace Nephos.Tls;

/// <summary>The API's certificate with the chain behind it, and its key, as PEM: read by whoever may, and sent to the controller, which may not.</summary>
sealed record ServerCertificate(string Chain, Secret Key)
{
    /// <summary>Reads both files and refuses what no handshake would survive.</summary>
    public static async Task<ServerCertificate> Read(string certificateFile, string keyFile, CancellationToken ct)
    {
        var read = new ServerCertificate(await Text(certificateFile, ct), new(await Text(keyFile, ct)));
        if (!read.Chain.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal)) throw new Refusal($"{certificateFile} holds no certificate in PEM form", "It starts with -----BEGIN CERTIFICATE-----; those of the authorities in between follow in the same file.");
        var key = read.Key.Reveal();
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal)) throw new Refusal($"{keyFile} holds no private key in PEM form");
        if (key.Contains("ENCRYPTED", StringComparison.Ordinal)) throw new Refusal($"the key in {keyFile} is encrypted, and nobody types its passphrase when the cloud starts", $"(umask 077; openssl pkey -in {keyFile} -out PLAIN)");
        try { using var _ = read.Load(); }
        catch (CryptographicException) { throw new Refusal($"the key in {keyFile} does not belong to the certificate in {certificateFile}, or one of them is damaged", $"openssl x509 -noout -pubkey -in {certificateFile}; openssl pkey -pubout -in {keyFile}   (both must print the same)"); }
        return read;
    }

    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 Load() => X509Certificate2.CreateFromPem(Chain, Key.Reveal());

    /// <summary>All certificates of the file; the server's own is the first.</summary>
    public X509Certificate2Collection All()
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(Chain);
        return all;
    }

    /// <summary>True if it names a host; as today's clients do, without a look at the common name.</summary>
    public bool Covers(string host) => All()[0].MatchesHostname(host, allowCommonName: false);

    /// <summary>True if this system trusts who signed it.</summary>
    public bool KnownHere() => Root(X509ChainTrustMode.System) is not null;

    /// <summary>The authority that clients have to be told of, as PEM, when this system does not trust it but the file holds it.</summary>
    public string? Authority() => KnownHere() ? null : Root(X509ChainTrustMode.CustomRootTrust)?.ExportCertificatePem();

    /// <summary>The end of its chain, or null when that is not trusted.</summary>
    X509Certificate2? Root(X509ChainTrustMode trust)
    {
        var all = All();
        using var chain = new X509Chain { ChainPolicy = { TrustMode = trust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid } };
        chain.ChainPolicy.ExtraStore.AddRange(all);
        if (trust == X509ChainTrustMode.CustomRootTrust) chain.ChainPolicy.CustomTrustStore.AddRange(all.Where(c => c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData)).ToArray());
        return chain.Build(all[0]) ? chain.ChainElements[^1].Certificate : null;
    }

    static async Task<string> Text(string path, CancellationToken ct)
    {
        try { return await File.ReadAllTextAsync(path, ct); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new Refusal($"cannot read {path}: {e.Message}"); }
    }
}
