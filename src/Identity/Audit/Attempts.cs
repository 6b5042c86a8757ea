using Nephos.Identity.Tokens;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;
using Nephos.Kernel.Audit;

namespace Nephos.Identity.Audit;

/// <summary>Tells the audit whom a request without a token is of. Only somebody who exists: people type passwords where names belong.</summary>
internal static class Attempts
{
    /// <summary>Somebody says to be this user; whether it is true will be seen.</summary>
    public static void Tries(this Call call, UserRow? user)
    {
        if (user is not null) call.Tries(new Initiator(user.Id, user.Name, user.DomainId));
    }

    /// <inheritdoc cref="Tries(Call, UserRow)"/>
    public static void Tries(this Call call, Initiator user) => (call.Initiator, call.TargetIds) = (user, [user.UserId]);

    /// <summary>It was true, and this is the token they got.</summary>
    public static void Proves(this Call call, TokenFacts facts) => call.Tries(Initiator.Of(facts.Caller));
}
