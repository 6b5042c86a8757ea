using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Nephos.Identity.Shared;

namespace Nephos.Identity.Credentials;

/// <summary>
/// Signatures of AWS requests, versions 0, 1, 2 and 4, as a service passes them on: <c>{access, signature, host, verb, path, params,
/// headers, body_hash}</c>.
/// </summary>
internal static class Ec2Signature
{
    public static bool Matches(string secret, Fields request)
    {
        if (request.Text("signature") is not { Length: > 0 } given) return false;
        var host = request.Text("host") ?? "";
        if (Same(given, Of(secret, request, host))) return true;
        // Some clients leave the port out of what they sign.
        var colon = host.LastIndexOf(':');
        return colon > 0 && Same(given, Of(secret, request, host[..colon]));
    }

    public static bool IsFour(Fields request) => request.Inner("params").Text("X-Amz-Algorithm") is Ec2Signature4.Algorithm || Header(request, "Authorization") is not null;

    private static bool Same(string given, string? computed) => computed is not null && FixedTime.Equal(given, computed);

    [SuppressMessage("Security", "CA5350", Justification = "The older versions of the protocol.")]
    private static string? Of(string secret, Fields request, string host)
    {
        var args = Parameters(request.Inner("params"));
        var key = Encoding.UTF8.GetBytes(secret);
        if (IsFour(request)) return Ec2Signature4.Of(secret, request, args, host);
        switch (args.GetValueOrDefault("SignatureVersion"))
        {
            case "0":
                return Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(args.GetValueOrDefault("Action") + args.GetValueOrDefault("Timestamp"))));
            case "1":
                return Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(string.Concat(args.OrderBy(a => a.Key, StringComparer.OrdinalIgnoreCase).Select(a => a.Key + a.Value)))));
            case "2":
                var text = $"{request.Text("verb")}\n{host}\n{request.Text("path")}\n{string.Join('&', args.Where(a => a.Key != "Signature").OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => Encode(a.Key) + "=" + Encode(a.Value)))}";
                return Convert.ToBase64String(args.GetValueOrDefault("SignatureMethod") == "HmacSHA256" ? HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)) : HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(text)));
            default:
                return null;
        }
    }

    internal static string? Header(Fields request, string name)
    {
        var headers = request.Inner("headers").Json;
        if (headers.ValueKind != System.Text.Json.JsonValueKind.Object) return null;
        foreach (var header in headers.EnumerateObject())
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && header.Value.ValueKind == System.Text.Json.JsonValueKind.String) return header.Value.GetString();
        return null;
    }

    internal static string Encode(string text) => Uri.EscapeDataString(text);

    private static Dictionary<string, string> Parameters(Fields given)
    {
        var args = new Dictionary<string, string>(StringComparer.Ordinal);
        if (given.Json.ValueKind != System.Text.Json.JsonValueKind.Object) return args;
        foreach (var arg in given.Json.EnumerateObject()) args[arg.Name] = arg.Value.ValueKind == System.Text.Json.JsonValueKind.String ? arg.Value.GetString()! : arg.Value.GetRawText();
        return args;
    }
}
