using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Users;

/// <summary>
/// Hashes of secrets as text. What people choose is stretched (<c>$pbkdf2-sha512$ROUNDS$SALT$HASH</c>); what we chose at random is not
/// (<c>$sha512$HASH</c>), because nobody can guess 32 random bytes.
/// </summary>
internal static class PasswordHash
{
    private const string Stretched = "$pbkdf2-sha512$", Plain = "$sha512$";

    public static string Of(string password, int rounds)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return $"{Stretched}{rounds.ToString(CultureInfo.InvariantCulture)}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, rounds))}";
    }

    public static string OfRandom(string secret) => Plain + Convert.ToBase64String(SHA512.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>True if checking it takes no noticeable time.</summary>
    public static bool IsQuick(string hash) => hash.StartsWith(Plain, StringComparison.Ordinal);

    public static bool Matches(string password, string hash)
    {
        if (IsQuick(hash)) return FixedTime.Equal(OfRandom(password), hash);
        var (rounds, salt, expected) = Parts(hash);
        return CryptographicOperations.FixedTimeEquals(Derive(password, salt, rounds), expected);
    }

    public static bool IsCurrent(string hash, int rounds) => IsQuick(hash) || Parts(hash).Rounds == rounds;

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA512, 64);

    private static (int Rounds, byte[] Salt, byte[] Hash) Parts(string hash)
    {
        var parts = hash[Stretched.Length..].Split('$');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), Convert.FromBase64String(parts[1]), Convert.FromBase64String(parts[2]));
    }
}
