using System.Security.Cryptography;
using System.Text;

namespace Nephos.Identity.Shared;

/// <summary>Encrypts what must not be readable in a copy of the database (AES-256-GCM with a key made from the state key).</summary>
internal sealed class Sealed(IdentityOptions options)
{
    private const int NonceSize = 12, TagSize = 16;
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.StateKey.Reveal()), 32, info: "nephos identity rows"u8.ToArray());

    public byte[] Seal(ReadOnlySpan<byte> plain)
    {
        var result = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceSize));
        using var aes = new AesGcm(_key, TagSize);
        aes.Encrypt(result.AsSpan(0, NonceSize), plain, result.AsSpan(NonceSize + TagSize), result.AsSpan(NonceSize, TagSize));
        return result;
    }

    public byte[] Seal(string plain) => Seal(Encoding.UTF8.GetBytes(plain));

    /// <exception cref="CryptographicException">Another state key, or damaged data.</exception>
    public byte[] Open(byte[] box)
    {
        var plain = new byte[box.Length - NonceSize - TagSize];
        using var aes = new AesGcm(_key, TagSize);
        aes.Decrypt(box.AsSpan(0, NonceSize), box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize), plain);
        return plain;
    }

    public string OpenText(byte[] box) => Encoding.UTF8.GetString(Open(box));
}
