using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Credentials;

/// <summary>Signatures of S3, the first version and version 4: <c>{access, signature, token}</c>, of which the token is the signed text in Base64.</summary>
internal static class S3Signature
{
    private static readonly string[] Services = ["s3", "iam", "sts"];

    public static bool Matches(string secret, Fields request)
    {
        if (request.Text("signature") is not { Length: > 0 } given || Decode(request.Text("token")) is not { } text) return false;
        return Of(secret, text) is { } computed && FixedTime.Equal(given, computed);
    }

    [SuppressMessage("Security", "CA5350", Justification = "The older version of the protocol.")]
    private static string? Of(string secret, byte[] text)
    {
        if (!text.AsSpan().StartsWith("AWS4"u8)) return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), text));
        // Algorithm, time, scope, hash of the request.
        if (Encoding.UTF8.GetString(text).Split('\n') is not [Ec2Signature4.Algorithm, _, var scope, _]) return null;
        if (scope.Split('/') is not [var day, var region, var service, "aws4_request"] || !Services.Contains(service)) return null;
        return Convert.ToHexStringLower(HMACSHA256.HashData(Ec2Signature4.Key(secret, day, region, service), text));
    }

    private static byte[]? Decode(string? token)
    {
        if (token is null) return null;
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token.Replace('-', '+').Replace('_', '/'), bytes, out var length) ? bytes[..length] : null;
    }
}
