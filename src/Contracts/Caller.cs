namespace Nephos.Contracts;

/// <summary>
/// Who asks: what a validated token says, with roles as they are now (they are not in the token). Immutable, so that it
/// may be cached until the identity epoch changes.
/// </summary>
public sealed record Caller
{
    /// <summary>The user's id.</summary>
    public required string UserId { get; init; }
    /// <summary>The user's name.</summary>
    public required string UserName { get; init; }
    /// <summary>The id of the domain that owns the user.</summary>
    public required string UserDomainId { get; init; }
    /// <summary>The project of the scope, or null.</summary>
    public string? ProjectId { get; init; }
    /// <summary>The name of that project.</summary>
    public string? ProjectName { get; init; }
    /// <summary>The domain of that project.</summary>
    public string? ProjectDomainId { get; init; }
    /// <summary>The domain of a domain-scoped token, or null.</summary>
    public string? DomainId { get; init; }
    /// <summary>True for a token scoped to the whole system (<c>system_scope:all</c>).</summary>
    public bool IsSystem { get; init; }
    /// <summary>Names of the roles in the scope, implied ones included.</summary>
    public required IReadOnlyList<string> Roles { get; init; }
    /// <summary>When the token ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
    /// <summary>The token's own audit id (22 characters, not a secret).</summary>
    public string AuditId { get; init; } = "";
    /// <summary>All that an application credential with access rules may call, or null for a caller without such limits. Checked before anything else.</summary>
    public IReadOnlyList<AccessRule>? AccessRules { get; init; }
    /// <summary>The trust by whose leave they act, or null.</summary>
    public TrustOfCaller? Trust { get; init; }
    /// <summary>The application credential by whose leave they act, or null.</summary>
    public string? ApplicationCredentialId { get; init; }
    /// <summary>True for the built-in caller of the program itself; it passes every policy.</summary>
    public bool IsService { get; init; }

    /// <summary>True if <paramref name="role"/> is among the roles; role names compare without case, as oslo.policy does.</summary>
    public bool HasRole(string role) => Roles.Contains(role, StringComparer.OrdinalIgnoreCase);

    /// <summary>Nephos itself acting, when no request stands behind a change (loops, seeding).</summary>
    public static Caller Nephos { get; } = new()
    {
        UserId = "nephos", UserName = "nephos", UserDomainId = "default", Roles = ["admin", "service"],
        ExpiresAt = DateTimeOffset.MaxValue, IsService = true,
    };
}

/// <summary>Leave that one user gave another.</summary>
/// <param name="Id">The trust's.</param>
/// <param name="TrustorId">Who gave it.</param>
/// <param name="TrusteeId">Who really acts, also where it shows as the other.</param>
public sealed record TrustOfCaller(string Id, string TrustorId, string TrusteeId);

/// <summary>One thing that an application credential may call.</summary>
/// <param name="Service">Service type.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path below the service: <c>{name}</c> and <c>*</c> stand for one segment, <c>**</c> for any number.</param>
public sealed record AccessRule(string Service, string Method, string Path)
{
    /// <summary>True if the rule covers a request, whose path is given by its segments: a slash inside one divides nothing.</summary>
    public bool Covers(string service, string method, IReadOnlyList<string> path) => Service == service && Method == method
        && Matches(Path.Split('/', StringSplitOptions.RemoveEmptyEntries), path);

    // Only the last "**" ever needs to give ground, so the work stays within pattern x path.
    private static bool Matches(string[] pattern, IReadOnlyList<string> path)
    {
        var (at, from, star, taken) = (0, 0, -1, 0);
        while (from < path.Count)
        {
            if (at < pattern.Length && pattern[at] == "**") (star, taken, at) = (at, from, at + 1);
            else if (at < pattern.Length && (pattern[at] is "*" or ['{', .., '}'] || pattern[at] == path[from])) (at, from) = (at + 1, from + 1);
            else if (star >= 0) (at, from, taken) = (star + 1, taken + 1, taken + 1);
            else return false;
        }
        while (at < pattern.Length && pattern[at] == "**") at++;
        return at == pattern.Length;
    }
}
