using System.Text;
using Xunit;

namespace Nephos.Kernel.Tests;

/// <summary>The examples of the standard, in whatever pieces they come.</summary>
public sealed class Sha224Tests
{
    public static TheoryData<string, string> Examples => new()
    {
        { "", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f" },
        { "abc", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525" },
        { new string('a', 1_000_000), "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_digest_is_that_of_the_standard_in_whatever_pieces_the_bytes_come(string text, string digest)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(digest, Convert.ToHexStringLower(Sha224.HashData(bytes)));
        using var hash = new Sha224();
        // Used again after it has ended once.
        foreach (var piece in (int[])[1, 55, 64, 65, 1000])
        {
            for (var at = 0; at < bytes.Length; at += piece) hash.TransformBlock(bytes, at, Math.Min(piece, bytes.Length - at), null, 0);
            hash.TransformFinalBlock([], 0, 0);
            Assert.Equal(digest, Convert.ToHexStringLower(hash.Hash!));
            hash.Initialize();
        }
    }
}
