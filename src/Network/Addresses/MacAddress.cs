using System.Globalization;
using System.Security.Cryptography;

namespace Nephos.Network.Addresses;

/// <summary>Hardware addresses.</summary>
internal static class MacAddress
{
    /// <summary>A random one with upstream's prefix.</summary>
    public static string Random()
    {
        var bytes = RandomNumberGenerator.GetBytes(3);
        return $"fa:16:3e:{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}";
    }

    /// <summary>Lower case with colons; null if it is none.</summary>
    public static string? Normal(string text)
    {
        var parts = text.Split(':', '-');
        if (parts.Length != 6 || parts.Any(p => p.Length != 2 || !byte.TryParse(p, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _))) return null;
        var mac = string.Join(':', parts).ToLowerInvariant();
        return mac == "00:00:00:00:00:00" ? null : mac;
    }

    /// <summary>The address a host makes for itself in a /64 (modified EUI-64).</summary>
    public static Ip Eui64(Cidr cidr, string mac)
    {
        var b = mac.Split(':').Select(p => (ulong)byte.Parse(p, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToArray();
        var id = (b[0] ^ 2) << 56 | b[1] << 48 | b[2] << 40 | 0xFFFE000000UL | b[3] << 16 | b[4] << 8 | b[5];
        return cidr.First with { Value = cidr.First.Value | id };
    }
}
