using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Nephos.Image.Signatures;

/// <summary>The digests that signatures are made of.</summary>
internal static class Digests
{
    /// <summary>The platform has no such.</summary>
    public static readonly HashAlgorithmName Sha224 = new("SHA224");

    [SuppressMessage("Reliability", "CA2000", Justification = "The caller's.")]
    public static HashAlgorithm New(HashAlgorithmName name) =>
        name == HashAlgorithmName.SHA256 ? SHA256.Create() : name == HashAlgorithmName.SHA384 ? SHA384.Create() : name == HashAlgorithmName.SHA512 ? SHA512.Create() : new Kernel.Sha224();

    public static byte[] Of(HashAlgorithmName name, byte[] data)
    {
        using var hash = New(name);
        return hash.ComputeHash(data);
    }
}
