using Nephos.Contracts;
using Nephos.Identity.Users;

namespace Nephos.Identity.Trusts;

/// <summary>The rules of handing a trust on: ever fewer times, never more roles, never longer, never more impersonation.</summary>
internal sealed class Redelegation(TrustTable trusts, UserTable users, IdentityOptions options)
{
    /// <summary>The first trust of a chain.</summary>
    public async Task<TrustRow> First(string id)
    {
        var trust = await trusts.Find(id) ?? throw Errors.TrustNotFound(id);
        while (trust.RedelegatedTrustId is { } above) trust = await trusts.Find(above) ?? throw Errors.TrustNotFound(above);
        return trust;
    }

    /// <summary>Whose roles a trust lends: its first trustor's. Null when somebody through whose hands it went is not there any more.</summary>
    public async Task<string?> Lender(TrustRow trust)
    {
        while (trust.RedelegatedTrustId is { } id)
        {
            if (await trusts.Find(id) is not { } above || await users.Facts(above.TrusteeUserId) is not { Enabled: true, DomainEnabled: true }) return null;
            trust = above;
        }
        return trust.TrustorUserId;
    }

    /// <summary>Checks a new trust against the one it is made from (null: none); the trust as it is to be stored.</summary>
    public async Task<TrustRow> Check(TrustRow wanted, IReadOnlyList<string> roles, bool allow, long? count, string? source)
    {
        var max = options.MaxRedelegationCount;
        var again = allow && count != 0;
        if (again && count > max) throw Fault.Forbidden($"Requested redelegation depth of {count} is greater than allowed {max}");
        if (again && wanted.RemainingUses is not null) throw Errors.Invalid("remaining_uses must not be set if redelegation is allowed");
        if (source is null) return wanted with { RedelegationCount = again ? count ?? max : 0 };

        var parent = await trusts.Find(source) ?? throw Errors.TrustNotFound(source);
        var left = parent.RedelegationCount - 1;
        if (again && count is not null && count != left) throw Fault.Forbidden("Modifying \"redelegation_count\" upon redelegation is forbidden. Omitting this parameter is advised.");
        var trust = wanted with { RedelegatedTrustId = source, RedelegationCount = again ? left : 0 };
        for (var above = parent; ; above = await trusts.Find(above.RedelegatedTrustId) ?? throw Errors.TrustNotFound(above.RedelegatedTrustId))
        {
            trust = await Within(above, trust, roles);
            if (above.RedelegatedTrustId is null) return trust;
        }
    }

    private async Task<TrustRow> Within(TrustRow above, TrustRow trust, IReadOnlyList<string> roles)
    {
        if (above.RedelegationCount <= 0 || above.RedelegationCount > options.MaxRedelegationCount)
            throw Fault.Forbidden($"Remaining redelegation depth of {above.RedelegationCount} out of allowed range of [0..{options.MaxRedelegationCount}]");
        if (trust.ProjectId != above.ProjectId) throw Fault.Forbidden($"A trust can be handed on only for what it is for: {(above.ProjectId is { } project ? $"project {project}" : "no project")}. Redelegated trust id: {above.Id}");
        if (trust.RemainingUses is { } uses) throw Fault.Forbidden($"Field \"remaining_uses\" is set to {uses} while it must not be set in order to redelegate a trust");
        if (trust.ExpiresAt > above.ExpiresAt) throw Fault.Forbidden("Requested expiration time is more than redelegated trust can provide");
        var allowed = await trusts.Roles(above.Id);
        if (roles.Any(r => !allowed.Contains(r))) throw Fault.Forbidden("Some of requested roles are not in redelegated trust");
        if (!above.Impersonation && trust.Impersonation)
            throw Fault.Forbidden($"Impersonation is not allowed because redelegated trust does not specify impersonation. Redelegated trust id: {above.Id}");
        return trust with { ExpiresAt = trust.ExpiresAt ?? above.ExpiresAt };
    }
}
