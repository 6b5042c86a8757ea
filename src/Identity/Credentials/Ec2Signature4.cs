using System.Security.Cryptography;
using System.Text;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Credentials;

/// <summary>AWS signature version 4, with the signature's scope from the query or from the <c>Authorization</c> header.</summary>
internal static class Ec2Signature4
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Last = "aws4_request";

    public static string? Of(string secret, Fields request, Dictionary<string, string> args, string host)
    {
        var authorization = Ec2Signature.Header(request, "Authorization");
        var parts = authorization is null ? [] : Parts(authorization);
        var credential = args.GetValueOrDefault("X-Amz-Credential") ?? parts.GetValueOrDefault("Credential");
        var signed = args.GetValueOrDefault("X-Amz-SignedHeaders") ?? parts.GetValueOrDefault("SignedHeaders");
        var date = args.GetValueOrDefault("X-Amz-Date") ?? Ec2Signature.Header(request, "X-Amz-Date");
        if (credential?.Split('/') is not [_, var day, var region, var service, var last] || signed is null || date is null || !date.StartsWith(day, StringComparison.Ordinal)) return null;

        var names = signed.Split(';').Select(n => n.ToLowerInvariant()).Order(StringComparer.Ordinal).ToList();
        var headers = string.Concat(names.Select(n => $"{n}:{(n == "host" ? host : Ec2Signature.Header(request, n) ?? "").Trim()}\n"));
        var query = string.Join('&', args.Where(a => a.Key != "X-Amz-Signature").OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => Ec2Signature.Encode(a.Key) + "=" + Ec2Signature.Encode(a.Value)));
        var canonical = $"{request.Text("verb")}\n{request.Text("path")}\n{(request.Text("verb") == "POST" ? "" : query)}\n{headers}\n{string.Join(';', names)}\n{request.Text("body_hash")}";
        var scope = $"{day}/{region}/{service}/{last}";
        var text = $"{Algorithm}\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        return last == Last ? Hex(HMACSHA256.HashData(Key(secret, day, region, service), Encoding.UTF8.GetBytes(text))) : null;
    }

    /// <summary>The key that a secret makes for one day, region and service.</summary>
    public static byte[] Key(string secret, string day, string region, string service)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in (string[])[day, region, service, Last]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return key;
    }

    private static Dictionary<string, string> Parts(string authorization) => authorization[(authorization.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split(',')
        .Select(p => p.Trim().Split('=', 2)).Where(p => p.Length == 2).GroupBy(p => p[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First()[1], StringComparer.Ordinal);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
