using System.Buffers.Text;
using System.Security.Cryptography;

namespace Nephos.Identity.Tokens;

/// <summary>What a token is for.</summary>
internal enum ScopeKind : byte { None, Project, Domain, System, Trust }

/// <summary>
/// What a token itself says; everything else (names, roles, enabled or not) is looked up when it is validated. For a trust,
/// <see cref="ScopeId"/> is the trust's id.
/// </summary>
internal sealed record Token
{
    // Tokens of an earlier release stay good: what it did not know is absent from them.
    private const byte FirstVersion = 1, Version = 2;
    public static readonly string[] KnownMethods = ["external", "password", "token", "oauth1", "mapped", "application_credential", "totp", "ec2credential"];

    public required string UserId { get; init; }
    public required IReadOnlyList<string> Methods { get; init; }
    public ScopeKind Scope { get; init; }
    public string? ScopeId { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public required string AuditId { get; init; }
    /// <summary>Audit id of the first token of a chain of rescoped ones, or null.</summary>
    public string? ParentAuditId { get; init; }
    public string? ApplicationCredentialId { get; init; }
    /// <summary>The OAuth access token it was got with, or null.</summary>
    public string? AccessTokenId { get; init; }

    /// <summary>True if its user proved to be there; false for what was lent by somebody. An unknown method is taken for the latter.</summary>
    public bool IsPrimary => Methods.Count > 0 && Methods.All(m => m is "external" or "password" or "token" or "mapped" or "totp");

    /// <summary>When a token ends that may outlive nothing it was made of.</summary>
    public static DateTimeOffset Earliest(DateTimeOffset first, params ReadOnlySpan<DateTimeOffset?> others)
    {
        foreach (var other in others) if (other < first) first = other.Value;
        return first;
    }

    public static string NewAuditId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public byte[] Pack()
    {
        using var bytes = new MemoryStream(128);
        using var writer = new BinaryWriter(bytes);
        writer.Write(Version);
        writer.Write(UserId);
        var methods = 0;
        foreach (var method in Methods) methods |= 1 << Array.IndexOf(KnownMethods, method);
        writer.Write((ushort)methods);
        writer.Write((byte)Scope);
        writer.Write(ScopeId ?? "");
        writer.Write(Microseconds(IssuedAt));
        writer.Write(Microseconds(ExpiresAt));
        writer.Write(AuditId);
        writer.Write(ParentAuditId ?? "");
        writer.Write(ApplicationCredentialId ?? "");
        writer.Write(AccessTokenId ?? "");
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Null for a payload of another version.</summary>
    public static Token? Unpack(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload));
        var version = reader.ReadByte();
        if (version is < FirstVersion or > Version) return null;
        DateTimeOffset Time() => version == FirstVersion ? DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()) : DateTimeOffset.UnixEpoch.AddMicroseconds(reader.ReadInt64());
        var user = reader.ReadString();
        var methods = reader.ReadUInt16();
        return new Token
        {
            UserId = user,
            Methods = [.. KnownMethods.Where((_, bit) => (methods & 1 << bit) != 0)],
            Scope = (ScopeKind)reader.ReadByte(),
            ScopeId = Optional(reader.ReadString()),
            IssuedAt = Time(),
            ExpiresAt = Time(),
            AuditId = reader.ReadString(),
            ParentAuditId = Optional(reader.ReadString()),
            ApplicationCredentialId = Optional(reader.ReadString()),
            AccessTokenId = version > FirstVersion ? Optional(reader.ReadString()) : null,
        };
    }

    // As exact as revocations: a token made right after one is not taken for one made before.
    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static string? Optional(string text) => text.Length == 0 ? null : text;
}
