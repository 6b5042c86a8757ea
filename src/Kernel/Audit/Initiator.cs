using Nephos.Contracts;

namespace Nephos.Kernel.Audit;

/// <summary>Who acts, for the audit, where a request's own token does not say it: whoever proves or tries to prove something.</summary>
/// <param name="UserId">The user.</param>
/// <param name="UserName">Their name.</param>
/// <param name="UserDomainId">The domain that owns them.</param>
public sealed record Initiator(string UserId, string? UserName = null, string? UserDomainId = null)
{
    /// <summary>For which project.</summary>
    public string? ProjectId { get; init; }
    /// <summary>For which domain.</summary>
    public string? DomainId { get; init; }
    /// <summary>By whose leave.</summary>
    public TrustOfCaller? Trust { get; init; }
    /// <summary>By which application credential.</summary>
    public string? ApplicationCredentialId { get; init; }

    /// <summary>The owner of a token.</summary>
    public static Initiator Of(Caller caller) => new(caller.UserId, caller.UserName, caller.UserDomainId)
    {
        ProjectId = caller.ProjectId, DomainId = caller.DomainId, Trust = caller.Trust, ApplicationCredentialId = caller.ApplicationCredentialId,
    };
}
