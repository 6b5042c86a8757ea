using System.Globalization;

namespace Nephos.Kernel.Api;

/// <summary>A version such as 2.93. Ordered by number, not by text: 2.9 comes before 2.10.</summary>
public readonly record struct Microversion(int Major, int Minor) : IComparable<Microversion>
{
    /// <summary>Parses <c>N.N</c>.</summary>
    /// <exception cref="FormatException">Anything else.</exception>
    public static Microversion Parse(string text) => TryParse(text, out var version) ? version : throw new FormatException($"'{text}' is not a version");

    /// <summary>Parses <c>N.N</c> without leading zeros, as upstream's pattern demands.</summary>
    public static bool TryParse(string text, out Microversion version)
    {
        version = default;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 1 || !Number(text.AsSpan(0, dot), out var major) || major == 0 || !Number(text.AsSpan(dot + 1), out var minor)) return false;
        version = new(major, minor);
        return true;
    }

    private static bool Number(ReadOnlySpan<char> digits, out int value) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value) && (digits.Length == 1 || digits[0] != '0');

    /// <inheritdoc/>
    public int CompareTo(Microversion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);
    /// <summary>Earlier.</summary>
    public static bool operator <(Microversion a, Microversion b) => a.CompareTo(b) < 0;
    /// <summary>Later.</summary>
    public static bool operator >(Microversion a, Microversion b) => a.CompareTo(b) > 0;
    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(Microversion a, Microversion b) => a.CompareTo(b) <= 0;
    /// <summary>Later or the same.</summary>
    public static bool operator >=(Microversion a, Microversion b) => a.CompareTo(b) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}";
}

/// <summary>The versions a service serves, and how a request asks for one.</summary>
/// <param name="Minimum">First version served, and the one a request without a header gets.</param>
/// <param name="Maximum">The last version of which every difference is implemented; <c>latest</c> means this.</param>
/// <param name="ServiceType">The word in <c>OpenStack-API-Version: compute 2.1</c>.</param>
/// <param name="LegacyHeader">nova's older header, or null.</param>
public sealed record VersionRange(Microversion Minimum, Microversion Maximum, string ServiceType, string? LegacyHeader = null)
{
    /// <summary>The header all services share.</summary>
    public const string Header = "OpenStack-API-Version";
}
