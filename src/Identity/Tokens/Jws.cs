using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Nephos.Identity.Tokens;

/// <summary>
/// Tokens as signed JSON (JWS, ES256) with keystone's claims: longer, and readable by whoever holds one. The pair of keys comes from the same
/// key that Fernet uses, so that there is one ring and one rotation.
/// </summary>
internal static class Jws
{
    private const int MaxLength = 4096;
    private static readonly string Header = Base64Url.EncodeToString("{\"typ\":\"JWT\",\"alg\":\"ES256\"}"u8);
    // The order of P-256.
    private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The pair of a key.</summary>
    public static ECDsa PairOf(byte[] key)
    {
        // 16 bytes more than needed: the remainder is as good as even.
        var seed = new BigInteger(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 48, info: "nephos identity jws"u8.ToArray()), isUnsigned: true, isBigEndian: true);
        var d = ((seed % (Order - 1)) + 1).ToByteArray(isUnsigned: true, isBigEndian: true);
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = [.. new byte[32 - d.Length], .. d] });
    }

    public static string Write(ECDsa pair, Token token)
    {
        var text = $"{Header}.{Base64Url.EncodeToString(Claims(token))}";
        return $"{text}.{Base64Url.EncodeToString(pair.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    /// <summary>The token, or null if no key signed it.</summary>
    public static Token? Read(IEnumerable<ECDsa> pairs, string text)
    {
        if (text.Length > MaxLength || text.Split('.') is not [var header, var claims, var signature] || header != Header) return null;
        byte[] payload, mark;
        try { (payload, mark) = (Base64Url.DecodeFromChars(claims), Base64Url.DecodeFromChars(signature)); }
        catch (FormatException) { return null; }
        var signed = Encoding.ASCII.GetBytes($"{header}.{claims}");
        return pairs.Any(p => p.VerifyData(signed, mark, HashAlgorithmName.SHA256)) ? Parse(payload) : null;
    }

    private static byte[] Claims(Token token)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("sub", token.UserId);
            json.WriteNumber("iat", Seconds(token.IssuedAt));
            json.WriteNumber("exp", Seconds(token.ExpiresAt));
            Strings(json, "openstack_methods", token.Methods);
            Strings(json, "openstack_audit_ids", token.ParentAuditId is { } parent ? [token.AuditId, parent] : [token.AuditId]);
            Optional(json, "openstack_project_id", token.Scope == ScopeKind.Project ? token.ScopeId : null);
            Optional(json, "openstack_domain_id", token.Scope == ScopeKind.Domain ? token.ScopeId : null);
            Optional(json, "openstack_system", token.Scope == ScopeKind.System ? token.ScopeId : null);
            Optional(json, "openstack_trust_id", token.Scope == ScopeKind.Trust ? token.ScopeId : null);
            Optional(json, "openstack_app_cred_id", token.ApplicationCredentialId);
            Optional(json, "openstack_access_token_id", token.AccessTokenId);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    // Signed by us: it has the shape that Claims gave it.
    private static Token Parse(byte[] payload)
    {
        using var document = JsonDocument.Parse(payload);
        var claims = document.RootElement;
        string? Text(string name) => claims.TryGetProperty(name, out var value) ? value.GetString() : null;
        string[] List(string name) => [.. claims.GetProperty(name).EnumerateArray().Select(v => v.GetString()!)];
        var (kind, id) = Text("openstack_project_id") is { } project ? (ScopeKind.Project, project)
            : Text("openstack_domain_id") is { } domain ? (ScopeKind.Domain, domain)
            : Text("openstack_system") is { } system ? (ScopeKind.System, system)
            : Text("openstack_trust_id") is { } trust ? (ScopeKind.Trust, trust) : (ScopeKind.None, (string?)null);
        var audit = List("openstack_audit_ids");
        return new Token
        {
            UserId = Text("sub")!,
            Methods = List("openstack_methods"),
            Scope = kind,
            ScopeId = id,
            IssuedAt = Time(claims.GetProperty("iat")),
            ExpiresAt = Time(claims.GetProperty("exp")),
            AuditId = audit[0],
            ParentAuditId = audit.ElementAtOrDefault(1),
            ApplicationCredentialId = Text("openstack_app_cred_id"),
            AccessTokenId = Text("openstack_access_token_id"),
        };
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    // With the microseconds that revocations are compared by.
    private static decimal Seconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond / 1_000_000m;

    private static DateTimeOffset Time(JsonElement seconds) => DateTimeOffset.UnixEpoch.AddTicks((long)(seconds.GetDecimal() * TimeSpan.TicksPerSecond));
}
