using System.Security.Cryptography;
using System.Text;
using Nephos.Contracts;

namespace Nephos.Identity.Shared;

/// <summary>Encrypts what must not be readable in a copy of the database (AES-256-GCM with keys made from the state keys): with the newest key, readable with all.</summary>
internal sealed class Sealed(IdentityOptions options)
{
    private const int NonceSize = 12, TagSize = 16;
    private volatile byte[][] _keys = Derived(options.StateKey);

    /// <summary>Other keys from now on, one a line, the newest first.</summary>
    public void Use(Secret stateKey) => _keys = Derived(stateKey);

    public byte[] Seal(ReadOnlySpan<byte> plain)
    {
        var result = new byte[NonceSize + TagSize + plain.Length];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceSize));
        using var aes = new AesGcm(_keys[0], TagSize);
        aes.Encrypt(result.AsSpan(0, NonceSize), plain, result.AsSpan(NonceSize + TagSize), result.AsSpan(NonceSize, TagSize));
        return result;
    }

    public byte[] Seal(string plain) => Seal(Encoding.UTF8.GetBytes(plain));

    /// <exception cref="CryptographicException">Another state key, or damaged data.</exception>
    public byte[] Open(byte[] box)
    {
        var keys = _keys;
        for (var i = 0; i < keys.Length - 1; i++)
            if (Opened(box, keys[i]) is { } plain) return plain;
        return Opened(box, keys[^1]) ?? throw new AuthenticationTagMismatchException();
    }

    public string OpenText(byte[] box) => Encoding.UTF8.GetString(Open(box));

    /// <summary>The same under the newest key; null if it is already.</summary>
    public byte[]? Renewed(byte[] box) => Opened(box, _keys[0]) is null ? Seal(Open(box)) : null;

    private static byte[]? Opened(byte[] box, byte[] key)
    {
        var plain = new byte[box.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        try { aes.Decrypt(box.AsSpan(0, NonceSize), box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize), plain); }
        catch (AuthenticationTagMismatchException) { return null; }
        return plain;
    }

    private static byte[][] Derived(Secret stateKey) => [.. stateKey.Reveal().Split('\n', StringSplitOptions.TrimEntries)
        .Select(key => HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key), 32, info: "nephos identity rows"u8.ToArray()))];
}
