using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Nephos.Identity.OAuth1;

/// <summary>The signatures of RFC 5849 that have a shared secret.</summary>
internal static class OAuthSignature
{
    public static readonly string[] Methods = ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"];

    /// <summary>What is signed (section 3.4.1): method, URL without query, every parameter but the signature.</summary>
    public static string BaseString(string method, string url, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var pairs = parameters.Where(p => p.Key != "oauth_signature").Select(p => (Name: Encode(p.Key), Value: Encode(p.Value)))
            .OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value}");
        // The port is left out where it is the scheme's own.
        var uri = new Uri(url);
        return $"{method.ToUpperInvariant()}&{Encode(uri.Scheme + "://" + uri.Authority.ToLowerInvariant() + uri.AbsolutePath)}&{Encode(string.Join('&', pairs))}";
    }

    [SuppressMessage("Security", "CA5350", Justification = "The RFC's own algorithm, which every client uses.")]
    public static byte[] Of(string method, string text, string consumerSecret, string tokenSecret)
    {
        var (key, bytes) = (Encoding.UTF8.GetBytes($"{Encode(consumerSecret)}&{Encode(tokenSecret)}"), Encoding.UTF8.GetBytes(text));
        return method switch
        {
            "HMAC-SHA1" => HMACSHA1.HashData(key, bytes),
            "HMAC-SHA256" => HMACSHA256.HashData(key, bytes),
            _ => HMACSHA512.HashData(key, bytes),
        };
    }

    private static string Encode(string text) => Uri.EscapeDataString(text);
}
