using System.Security.Cryptography;
using System.Text;

namespace Nephos.Identity.Shared;

/// <summary>Compares secrets in a time that does not tell how much of them is right.</summary>
internal static class FixedTime
{
    public static bool Equal(string a, string b) => CryptographicOperations.FixedTimeEquals(Hash(a), Hash(b));

    // Hashes are of one length: not even that is told.
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
