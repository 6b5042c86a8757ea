using Nephos.Contracts;
using Nephos.Identity.Users;

namespace Nephos.Identity.Trusts;

/// <summary>Making a token of a trust: who may, and that it is one of its uses.</summary>
internal sealed class TrustUse(TrustTable trusts, UserTable users, Redelegation redelegation)
{
    /// <exception cref="Fault">403 unless it is the trustee, and everybody who handed the trust on is still there.</exception>
    public async Task Require(TrustRow trust, string trustee)
    {
        if (trust.TrusteeUserId != trustee) throw Errors.Forbidden();
        if (await users.Facts(trust.TrustorUserId) is not { Enabled: true, DomainEnabled: true }) throw Errors.Forbidden();
        if (await redelegation.Lender(trust) is null) throw Errors.Forbidden();
    }

    /// <exception cref="Fault">403 when none is left.</exception>
    public async Task Count(TrustRow trust)
    {
        if (trust.RemainingUses is not null && !await trusts.Use(trust.Id)) throw Fault.Forbidden($"No remaining uses for trust: {trust.Id}.");
    }
}
