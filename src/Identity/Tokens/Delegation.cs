using Nephos.Kernel.Api;

namespace Nephos.Identity.Tokens;

/// <summary>
/// What a token that stands for somebody else's leave (a trust, an application credential, EC2 keys, OAuth) may not do: make something that
/// would outlive the leave.
/// </summary>
internal sealed class Delegation(TokenService tokens)
{
    /// <summary>The token of the request.</summary>
    public async Task<TokenFacts> Of(Call call) => await tokens.Find(call.Token!) ?? throw Errors.Unauthorized();

    /// <summary>Credentials: not by any delegated token.</summary>
    public async Task RefuseForCredentials(Call call)
    {
        if (IsDelegated(await Of(call))) throw Errors.ForbiddenAction("Delegated tokens cannot access credentials directly");
    }

    /// <summary>Application credentials and access rules: not by trusts or EC2 keys; by an application credential only if it is unrestricted (for changes).</summary>
    public async Task<TokenFacts> ForApplicationCredentials(Call call, bool change)
    {
        var facts = await Of(call);
        if (facts.ApplicationCredential is null && IsDelegated(facts)) throw Errors.Forbidden();
        if (change && facts.ApplicationCredential is { Unrestricted: false })
            throw Errors.ForbiddenAction("Using method 'application_credential' is not allowed for managing additional application credentials.");
        return facts;
    }

    /// <summary>Trusts: by trusts (that is handing on), but not by anything else that is lent.</summary>
    public async Task<TokenFacts> ForTrusts(Call call)
    {
        var facts = await Of(call);
        if (!facts.Token.IsPrimary) throw Errors.ForbiddenAction("Delegated tokens cannot manage trusts.");
        return facts;
    }

    /// <summary>What OAuth gave away: not by any delegated token.</summary>
    public async Task<TokenFacts> ForOAuth(Call call)
    {
        var facts = await Of(call);
        return IsDelegated(facts) ? throw Errors.Forbidden() : facts;
    }

    private static bool IsDelegated(TokenFacts facts) => facts.Trust is not null || !facts.Token.IsPrimary;
}
