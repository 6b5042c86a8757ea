using System.Numerics;
using System.Security.Cryptography;

namespace Nephos.Image.Signatures;

/// <summary>
/// RSA-PSS with a salt of any length (RFC 8017, 9.1.2): upstream's signers choose the longest one, and the platform verifies only those as long as
/// the digest. All that is computed with is public.
/// </summary>
internal static class PssSignature
{
    public static bool Verify(RSAParameters key, HashAlgorithmName hash, byte[] digest, byte[] signature)
    {
        var (modulus, value) = (Number(key.Modulus!), Number(signature));
        if (signature.Length != key.Modulus!.Length || value >= modulus) return false;
        var bits = (int)modulus.GetBitLength() - 1;
        var message = new byte[(bits + 7) / 8];
        var opened = BigInteger.ModPow(value, Number(key.Exponent!), modulus);
        if (opened.GetByteCount(isUnsigned: true) > message.Length) return false;
        opened.ToByteArray(isUnsigned: true, isBigEndian: true).CopyTo(message, message.Length - opened.GetByteCount(isUnsigned: true));
        return Encodes(message, bits, hash, digest);
    }

    private static bool Encodes(byte[] message, int bits, HashAlgorithmName hash, byte[] digest)
    {
        if (message.Length < digest.Length + 2 || message[^1] != 0xbc) return false;
        var block = message[..(message.Length - digest.Length - 1)];
        var seal = message[block.Length..^1];
        var spare = 0xff >> (8 * message.Length - bits);
        if ((block[0] & ~spare) != 0) return false;
        var mask = Mask(seal, block.Length, hash);
        for (var i = 0; i < block.Length; i++) block[i] ^= mask[i];
        block[0] &= (byte)spare;
        // Zeros, a one, and the salt.
        var one = block.AsSpan().IndexOfAnyExcept((byte)0);
        if (one < 0 || block[one] != 1) return false;
        return CryptographicOperations.FixedTimeEquals(seal, Digests.Of(hash, [.. new byte[8], .. digest, .. block[(one + 1)..]]));
    }

    /// <summary>MGF1 of the seed.</summary>
    private static byte[] Mask(byte[] seed, int length, HashAlgorithmName hash)
    {
        var mask = new List<byte>(length + seed.Length);
        for (byte i = 0; mask.Count < length; i++) mask.AddRange(Digests.Of(hash, [.. seed, 0, 0, 0, i]));
        return [.. mask];
    }

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
