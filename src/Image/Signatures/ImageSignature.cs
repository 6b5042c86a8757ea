using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Nephos.Image.Signatures;

/// <summary>What an image's properties say of its signature. Pure.</summary>
internal sealed record ImageSignature(byte[] Value, HashAlgorithmName Hash, string KeyType, Guid Certificate)
{
    public const string SignatureProperty = "img_signature", HashProperty = "img_signature_hash_method", KeyProperty = "img_signature_key_type", CertificateProperty = "img_signature_certificate_uuid";

    private static readonly Dictionary<string, HashAlgorithmName> Hashes = new() { ["SHA-224"] = Digests.Sha224, ["SHA-256"] = HashAlgorithmName.SHA256, ["SHA-384"] = HashAlgorithmName.SHA384, ["SHA-512"] = HashAlgorithmName.SHA512 };

    /// <summary>Kinds of keys, and for curves which one.</summary>
    private static readonly Dictionary<string, string> Keys = new()
    {
        ["RSA-PSS"] = "", ["DSA"] = "", ["ECC_SECP384R1"] = "1.3.132.0.34", ["ECC_SECP521R1"] = "1.3.132.0.35",
        ["ECC_SECT409K1"] = "1.3.132.0.36", ["ECC_SECT409R1"] = "1.3.132.0.37", ["ECC_SECT571K1"] = "1.3.132.0.38", ["ECC_SECT571R1"] = "1.3.132.0.39",
    };

    /// <summary>Null unless all four properties are there: then nobody asked for it to be checked.</summary>
    /// <exception cref="FormatException">For a value that cannot be.</exception>
    public static ImageSignature? Of(IReadOnlyDictionary<string, string> properties)
    {
        if (!properties.TryGetValue(SignatureProperty, out var text) || !properties.TryGetValue(HashProperty, out var hash) || !properties.TryGetValue(KeyProperty, out var key) || !properties.TryGetValue(CertificateProperty, out var certificate)) return null;
        if (!Hashes.TryGetValue(hash, out var algorithm)) throw new FormatException($"{HashProperty} must be one of {string.Join(", ", Hashes.Keys)}");
        if (!Keys.ContainsKey(key)) throw new FormatException($"{KeyProperty} must be one of {string.Join(", ", Keys.Keys)}");
        if (!Guid.TryParse(certificate, out var id)) throw new FormatException($"{CertificateProperty} must be a UUID");
        try { return new ImageSignature(Convert.FromBase64String(text), algorithm, key, id); }
        catch (FormatException) { throw new FormatException($"{SignatureProperty} must be base64"); }
    }

    /// <summary>Why a certificate's key did not sign data of this digest at this time; null if it did.</summary>
    public string? Refusal(X509Certificate2 certificate, byte[] digest, DateTimeOffset now)
    {
        if (now < certificate.NotBefore || now > certificate.NotAfter) return $"the certificate is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}";
        try
        {
            return Verified(certificate, digest) switch
            {
                true => null,
                false => "it is not that of this data",
                null => $"the certificate has no key of the kind {KeyType}",
            };
        }
        catch (CryptographicException) { return "it cannot be read"; }
    }

    private bool? Verified(X509Certificate2 certificate, byte[] digest)
    {
        if (KeyType == "RSA-PSS")
        {
            using var rsa = certificate.GetRSAPublicKey();
            // A key of 16384 bits is the longest anybody has; opening one takes its time.
            return rsa is null or { KeySize: > 16384 } ? null : PssSignature.Verify(rsa.ExportParameters(includePrivateParameters: false), Hash, digest, Value);
        }
        if (KeyType == "DSA")
        {
            using var dsa = certificate.GetDSAPublicKey();
            return dsa?.VerifySignature(digest, Value, DSASignatureFormat.Rfc3279DerSequence);
        }
        using var curve = certificate.GetECDsaPublicKey();
        return curve is not null && CurveOf(certificate) == Keys[KeyType] ? curve.VerifyHash(digest, Value, DSASignatureFormat.Rfc3279DerSequence) : null;
    }

    /// <summary>Null for one that is not named but spelled out: it could be any.</summary>
    private static string? CurveOf(X509Certificate2 certificate)
    {
        try { return AsnDecoder.ReadObjectIdentifier(certificate.PublicKey.EncodedParameters?.RawData ?? [], AsnEncodingRules.DER, out _); }
        catch (AsnContentException) { return null; }
    }
}
