using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Nephos.Kernel.Api.Schemas;

/// <summary>The <c>format</c> keyword's checkers; a format nobody knows passes.</summary>
internal static partial class Formats
{
    public static bool Holds(string format, string text) => format switch
    {
        "uuid" => IsUuid(text),
        // ISO 8601 only: .NET would read 2011/01/01 too.
        "date-time" => !text.Contains('/', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "ipv4" => IPAddress.TryParse(text, out var v4) && v4.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && text.Count(c => c == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out var v6) && v6.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
        "ip-address" => IPAddress.TryParse(text, out _) && text.AsSpan().IndexOfAny('.', ':') > 0,
        "cidr" => IPNetwork.TryParse(text, out _),
        "base64" => IsBase64(text),
        "mac-address" => Mac().IsMatch(text),
        "email" => text.Contains('@', StringComparison.Ordinal),
        _ => true,
    };

    // oslo.utils: case and dashes do not matter, braces and urn:uuid: are accepted.
    private static bool IsUuid(string text) => text.Length < 64 && Guid.TryParse(text.Replace("urn:", "", StringComparison.Ordinal)
        .Replace("uuid:", "", StringComparison.Ordinal).Trim('{', '}').Replace("-", "", StringComparison.Ordinal), out _);

    private static bool IsBase64(string text)
    {
        var clean = text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        return clean.Length % 4 == 0 && System.Buffers.Text.Base64.IsValid(clean);
    }

    [GeneratedRegex("^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$")]
    private static partial Regex Mac();
}
