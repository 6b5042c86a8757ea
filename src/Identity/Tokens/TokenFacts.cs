using System.Collections.Concurrent;
using Nephos.Contracts;
using Nephos.Identity.Catalog;

namespace Nephos.Identity.Tokens;

/// <summary>A domain, project, user or role by id and name.</summary>
internal sealed record Named(string Id, string Name);

/// <summary>A validated token: the token, and what it means in one epoch.</summary>
internal sealed record TokenFacts
{
    private const int MaxRenderings = 8;
    private readonly ConcurrentDictionary<string, byte[]> _rendered = new(StringComparer.Ordinal);

    public required Token Token { get; init; }
    public required Caller Caller { get; init; }
    public required Named User { get; init; }
    public required Named UserDomain { get; init; }
    public DateTimeOffset? PasswordExpiresAt { get; init; }
    public Named? Project { get; init; }
    public Named? ProjectDomain { get; init; }
    public bool IsDomainProject { get; init; }
    public Named? Domain { get; init; }
    public bool IsSystem { get; init; }
    public IReadOnlyList<Named> Roles { get; init; } = [];
    public TrustFacts? Trust { get; init; }
    public ApplicationCredentialFacts? ApplicationCredential { get; init; }
    public AccessTokenFacts? AccessToken { get; init; }
    public required CatalogOfEpoch Catalog { get; init; }

    public bool IsScoped => Token.Scope != ScopeKind.None;

    /// <summary>The token document for clients that reach us under a root, with the catalog; kept as long as these facts.</summary>
    public ReadOnlyMemory<byte> Rendered(string root, bool catalog)
    {
        var key = catalog ? root : "-" + root;
        if (_rendered.TryGetValue(key, out var bytes)) return bytes;
        bytes = TokenDocument.Write(this, catalog ? root : null);
        // The root is the client's Host header: it must not fill the memory.
        if (_rendered.Count < MaxRenderings) _rendered[key] = bytes;
        return bytes;
    }
}

/// <summary>The trust of a token.</summary>
internal sealed record TrustFacts(string Id, string TrustorId, string TrusteeId, bool Impersonation);

/// <summary>The OAuth access token of a token.</summary>
internal sealed record AccessTokenFacts(string Id, string ConsumerId);

/// <summary>The application credential of a token.</summary>
internal sealed record ApplicationCredentialFacts(string Id, string Name, bool Unrestricted, IReadOnlyList<AccessRuleFacts>? AccessRules);

/// <summary>One thing an application credential may call.</summary>
internal sealed record AccessRuleFacts(string Id, string Service, string Method, string Path);
