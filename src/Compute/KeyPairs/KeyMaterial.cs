using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Nephos.Compute.KeyPairs;

/// <summary>A public key with its fingerprint, and the private one when we made it: shown once, never stored.</summary>
internal sealed record KeyMaterial(string PublicKey, string Fingerprint, string? PrivateKey)
{
    /// <summary>Reads what a user imports.</summary>
    public static KeyMaterial Import(string type, string text) => type == "x509"
        ? new(text, X509Fingerprint(text), null)
        : new(text, SshFingerprint(text), null);

    /// <summary>Makes a pair: RSA 2048, the private key in PEM as clients store it; for x509 a certificate of a year or ten, as Windows guests want.</summary>
    public static KeyMaterial Generate(string type, string user, TimeProvider time)
    {
        using var rsa = RSA.Create(2048);
        if (type == "x509") return GenerateX509(rsa, user, time);
        var parameters = rsa.ExportParameters(false);
        var blob = Blob("ssh-rsa"u8.ToArray(), Positive(parameters.Exponent!), Positive(parameters.Modulus!));
        return new($"ssh-rsa {Convert.ToBase64String(blob)} Generated-by-Nova", Md5(blob), rsa.ExportRSAPrivateKeyPem() + "\n");
    }

    private static KeyMaterial GenerateX509(RSA rsa, string user, TimeProvider time)
    {
        var request = new CertificateRequest($"CN={user}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        // Client authentication, and the name WinRM maps to an account.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUserPrincipalName($"{user}@localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(time.GetUtcNow().AddDays(-1), time.GetUtcNow().AddDays(3650));
        var pem = certificate.ExportCertificatePem() + "\n";
        return new(pem, X509Fingerprint(pem), rsa.ExportPkcs8PrivateKeyPem() + "\n");
    }

    // OpenSSH's old form: MD5 of the key's bytes. The type inside must be the type before it.
    private static string SshFingerprint(string text)
    {
        var parts = text.Trim().Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || parts[0].Length > 64) throw Errors.BadKeyPair("failed to generate fingerprint");
        var blob = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], blob, out var length) || length < 8) throw Errors.BadKeyPair("failed to generate fingerprint");
        var data = blob.AsSpan(0, length);
        var typeLength = BinaryPrimitives.ReadUInt32BigEndian(data);
        if (typeLength > length - 4 || Encoding.ASCII.GetString(data.Slice(4, (int)typeLength)) != parts[0]) throw Errors.BadKeyPair("failed to generate fingerprint");
        return Md5(data);
    }

    private static string X509Fingerprint(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return Pairs(certificate.GetCertHash(HashAlgorithmName.SHA1));
        }
        catch (CryptographicException)
        {
            throw Errors.BadKeyPair("failed to generate X509 fingerprint. Error message: not a certificate in PEM");
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351", Justification = "A fingerprint as clients expect it, not a protection.")]
    private static string Md5(ReadOnlySpan<byte> data) => Pairs(MD5.HashData(data));

    private static string Pairs(byte[] hash) => string.Join(':', hash.Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));

    private static byte[] Positive(byte[] number) => number[0] < 0x80 ? number : [0, .. number];

    private static byte[] Blob(params byte[][] parts)
    {
        using var blob = new MemoryStream();
        var length = new byte[4];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            blob.Write(length);
            blob.Write(part);
        }
        return blob.ToArray();
    }
}
