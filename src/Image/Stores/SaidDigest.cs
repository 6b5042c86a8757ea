namespace Nephos.Image.Stores;

/// <summary>A digest of an image's data that somebody says; pure.</summary>
internal static class SaidDigest
{
    private static readonly Dictionary<string, int> Sizes = new(StringComparer.Ordinal) { ["md5"] = 16, ["sha1"] = 20, ["sha256"] = 32, ["sha384"] = 48, ["sha512"] = 64 };

    /// <summary>Why a value cannot be a digest of an algorithm, or null.</summary>
    public static string? Flaw(string name, string value, string algorithm)
    {
        if (value.Length % 2 != 0 || !value.All(char.IsAsciiHexDigit)) return $"{name} ({value}) is not a valid hexadecimal value";
        var bytes = Sizes[algorithm];
        return value.Length == bytes * 2 ? null : $"{name} ({value}) is not the correct size for {algorithm} (should be {bytes} bytes)";
    }
}
