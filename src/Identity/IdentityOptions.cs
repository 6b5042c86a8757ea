using Nephos.Contracts;

namespace Nephos.Identity;

/// <summary>What the operator decides about identity.</summary>
public sealed record IdentityOptions
{
    /// <summary>Encrypts the secrets in the database (token keys, credentials): any text, or several, one a line, of which the first seals; every controller of a cloud has the same.</summary>
    public required Secret StateKey { get; init; }

    /// <summary>A token that makes its bearer an administrator of identity before there is one; null for none.</summary>
    public Secret? AdminToken { get; init; }

    /// <summary>True: tokens are signed JSON (JWS) instead of Fernet's. Those of the other kind stay good.</summary>
    public bool JwsTokens { get; init; }

    /// <summary>How long a token lives.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long after its end a token still shows itself to a service that asks with <c>allow_expired</c>.</summary>
    public TimeSpan ExpiredWindow { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long somebody has to prove the next factor.</summary>
    public TimeSpan ReceiptLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many one-time codes before the present one count too.</summary>
    public int OneTimeCodesBefore { get; init; } = 1;

    /// <summary>How long after it was made a signature with EC2 keys counts.</summary>
    public TimeSpan SignatureLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>True: what a domain may use bounds what each of its projects may, and no project stands below another (<c>strict_two_level</c>).</summary>
    public bool StrictLimits { get; init; }

    /// <summary>Age at which the key of tokens gets a successor.</summary>
    public TimeSpan KeyLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Rounds of PBKDF2-SHA512 for a password; tests use fewer.</summary>
    public int PasswordIterations { get; init; } = 210_000;

    /// <summary>Longest password in characters.</summary>
    public int MaxPasswordLength { get; init; } = 4096;

    /// <summary>What auditors ask for about passwords and accounts.</summary>
    public SecurityComplianceOptions Compliance { get; init; } = new();

    /// <summary>Depth of the tree of projects below a domain.</summary>
    public int MaxProjectDepth { get; init; } = 5;

    /// <summary>How long users have to answer an OAuth consumer's request; zero is for ever.</summary>
    public TimeSpan RequestTokenLifetime { get; init; } = TimeSpan.FromHours(8);

    /// <summary>How long a consumer may use a user's leave; zero is for ever.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long the audit is kept; zero is for ever.</summary>
    public TimeSpan AuditKept { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How often a trust may be handed on.</summary>
    public int MaxRedelegationCount { get; init; } = 3;
}
