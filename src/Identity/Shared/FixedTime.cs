using System.Security.Cryptography;
using System.Text;

namespace Nephos.Identity.Shared;

/// <summary>Compares secrets in a time that does not tell how much of them is right.</summary>
internal static class FixedTime
{
    public static bool Equal(string a, string b) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));
}
