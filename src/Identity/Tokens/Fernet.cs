using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Nephos.Identity.Tokens;

/// <summary>
/// The Fernet format (version 0x80, AES-128-CBC, HMAC-SHA256), as keystone's tokens have it: 32 bytes of key, of which the first half signs.
/// Without padding characters at the end, so that a token is safe in a header.
/// </summary>
internal static class Fernet
{
    private const int Head = 1 + 8 + 16, MacSize = 32;

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(32);

    public static string Write(byte[] key, DateTimeOffset now, ReadOnlySpan<byte> payload)
    {
        using var aes = Aes.Create();
        aes.Key = key[16..];
        var body = new byte[Head + aes.GetCiphertextLengthCbc(payload.Length) + MacSize];
        body[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(body.AsSpan(1), now.ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(body.AsSpan(9, 16));
        aes.EncryptCbc(payload, body.AsSpan(9, 16), body.AsSpan(Head));
        HMACSHA256.HashData(key.AsSpan(0, 16), body.AsSpan(0, body.Length - MacSize), body.AsSpan(body.Length - MacSize));
        return Base64Url.EncodeToString(body);
    }

    /// <summary>The payload, or null if no key signed the token.</summary>
    public static byte[]? Read(IReadOnlyList<byte[]> keys, string token)
    {
        if (token.Length is < 100 or > 2048 || !token.StartsWith('g')) return null;
        byte[] body;
        try { body = Base64Url.DecodeFromChars(token.AsSpan().TrimEnd('=')); }
        catch (FormatException) { return null; }
        if (body.Length < Head + 16 + MacSize || body[0] != 0x80 || (body.Length - Head - MacSize) % 16 != 0) return null;
        Span<byte> mac = stackalloc byte[MacSize];
        foreach (var key in keys)
        {
            HMACSHA256.HashData(key.AsSpan(0, 16), body.AsSpan(0, body.Length - MacSize), mac);
            if (!CryptographicOperations.FixedTimeEquals(mac, body.AsSpan(body.Length - MacSize))) continue;
            using var aes = Aes.Create();
            aes.Key = key[16..];
            return aes.DecryptCbc(body.AsSpan(Head, body.Length - Head - MacSize), body.AsSpan(9, 16));
        }
        return null;
    }
}
