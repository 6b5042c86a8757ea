using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Credentials;

/// <summary>Time-based one-time codes (RFC 6238, 30 s, six digits) from the user's credentials of type <c>totp</c>, the present one and a few before it.</summary>
internal sealed class OneTimeCodes(IdentityDb db, IdentityOptions options, CredentialTable credentials, UsedCodeTable used, Sealed box)
{
    private const int Step = 30;

    /// <summary>Whether it is one of the user's codes that nobody has used; it is used now.</summary>
    public async Task<bool> Take(string user, string code)
    {
        var now = db.Now.ToUnixTimeSeconds() / Step;
        foreach (var credential in await credentials.OfUser(user, "totp"))
        {
            if (Seed(box.OpenText(credential.SealedBlob)) is not { } seed) continue;
            for (var back = 0; back <= options.OneTimeCodesBefore; back++)
                if (FixedTime.Equal(Code(seed, now - back), code)) return await used.Take(credential.Id, now - back, now - options.OneTimeCodesBefore);
        }
        return false;
    }

    [SuppressMessage("Security", "CA5350", Justification = "The RFC's algorithm, which every authenticator uses.")]
    internal static string Code(byte[] seed, long counter)
    {
        Span<byte> message = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(message, counter);
        var hash = HMACSHA1.HashData(seed, message);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0xf)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    // Base32 without regard to padding; null for something else.
    private static byte[]? Seed(string text)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var (bytes, buffer, bits) = (new List<byte>(), 0, 0);
        foreach (var c in text.TrimEnd('='))
        {
            var value = Alphabet.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
            if (value < 0) return null;
            buffer = buffer << 5 | value;
            bits += 5;
            if (bits < 8) continue;
            bits -= 8;
            bytes.Add((byte)(buffer >> bits));
            buffer &= (1 << bits) - 1;
        }
        return bytes.Count == 0 ? null : [.. bytes];
    }
}
