using Nephos.Kernel.Api;

namespace Nephos.Identity.Tokens;

/// <summary>
/// What a token that stands for somebody else's leave (a trust, an application credential, EC2 keys) may not do: make something that
/// would outlive the leave.
/// </summary>
internal sealed class Delegation(TokenService tokens)
{
    /// <summary>The token of the request.</summary>
    public async Task<TokenFacts> Of(Call call) => await tokens.Find(call.Header("X-Auth-Token")!) ?? throw Errors.Unauthorized();

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

    /// <summary>Trusts: by trusts (that is handing on), but not by application credentials or EC2 keys.</summary>
    public async Task<TokenFacts> ForTrusts(Call call)
    {
        var facts = await Of(call);
        if (facts.ApplicationCredential is not null || facts.Token.Methods.Contains("ec2credential")) throw Errors.ForbiddenAction("Delegated tokens cannot manage trusts.");
        return facts;
    }

    private static bool IsDelegated(TokenFacts facts) => facts.Trust is not null || facts.ApplicationCredential is not null || facts.Token.Methods.Contains("ec2credential");
}
