using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Nephos.Kernel;

/// <summary>SHA-224 (FIPS 180-4), which hostId is made with, images may be signed with, and .NET does not have.</summary>
public sealed class Sha224 : HashAlgorithm
{
    private const int BlockSize = 64;
    private static readonly uint[] K = Constants();
    private readonly uint[] _state = new uint[8];
    private readonly byte[] _rest = new byte[BlockSize];
    private long _length;

    /// <summary>Of no bytes yet.</summary>
    public Sha224()
    {
        HashSizeValue = 224;
        Initialize();
    }

    /// <summary>The digest of some bytes.</summary>
    public static byte[] HashData(byte[] source)
    {
        using var hash = new Sha224();
        hash.TransformFinalBlock(source, 0, source.Length);
        return hash.Hash!;
    }

    /// <inheritdoc/>
    public override void Initialize()
    {
        ((uint[])[0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4]).CopyTo(_state, 0);
        _length = 0;
    }

    /// <inheritdoc/>
    protected override void HashCore(byte[] array, int ibStart, int cbSize) => HashCore(array.AsSpan(ibStart, cbSize));

    /// <inheritdoc/>
    protected override void HashCore(ReadOnlySpan<byte> source)
    {
        var held = (int)(_length % BlockSize);
        _length += source.Length;
        if (held > 0)
        {
            var taken = Math.Min(BlockSize - held, source.Length);
            source[..taken].CopyTo(_rest.AsSpan(held));
            source = source[taken..];
            if (held + taken < BlockSize) return;
            Block(_state, _rest);
        }
        for (; source.Length >= BlockSize; source = source[BlockSize..]) Block(_state, source[..BlockSize]);
        source.CopyTo(_rest);
    }

    /// <inheritdoc/>
    protected override byte[] HashFinal()
    {
        var held = (int)(_length % BlockSize);
        var end = new byte[held < BlockSize - 8 ? BlockSize : 2 * BlockSize];
        _rest.AsSpan(0, held).CopyTo(end);
        end[held] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(end.AsSpan(end.Length - 8), _length * 8);
        for (var at = 0; at < end.Length; at += BlockSize) Block(_state, end.AsSpan(at, BlockSize));
        var result = new byte[28];
        for (var i = 0; i < 7; i++) BinaryPrimitives.WriteUInt32BigEndian(result.AsSpan(4 * i), _state[i]);
        return result;
    }

    private static void Block(uint[] state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (var i = 0; i < 16; i++) w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        for (var i = 16; i < 64; i++)
        {
            var s0 = BitOperations.RotateRight(w[i - 15], 7) ^ BitOperations.RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
            var s1 = BitOperations.RotateRight(w[i - 2], 17) ^ BitOperations.RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = unchecked(w[i - 16] + s0 + w[i - 7] + s1);
        }
        var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
        for (var i = 0; i < 64; i++)
        {
            var s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            var t1 = unchecked(h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]);
            var s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            var t2 = unchecked(s0 + ((a & b) ^ (a & c) ^ (b & c)));
            (h, g, f, e, d, c, b, a) = (g, f, e, unchecked(d + t1), c, b, a, unchecked(t1 + t2));
        }
        ReadOnlySpan<uint> sum = [a, b, c, d, e, f, g, h];
        for (var i = 0; i < 8; i++) state[i] = unchecked(state[i] + sum[i]);
    }

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes, exactly, by whole numbers.
    private static uint[] Constants()
    {
        var constants = new List<uint>(64);
        for (var n = 2; constants.Count < 64; n++)
        {
            if (Enumerable.Range(2, Math.Max(0, (int)Math.Sqrt(n) - 1)).Any(d => n % d == 0)) continue;
            var target = (BigInteger)n << 96;
            BigInteger low = 0, high = (BigInteger)16 << 32;
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                if (BigInteger.Pow(middle, 3) <= target) low = middle; else high = middle;
            }
            constants.Add((uint)(low & uint.MaxValue));
        }
        return [.. constants];
    }
}
