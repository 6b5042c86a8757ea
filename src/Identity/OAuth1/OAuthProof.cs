using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.OAuth1;

/// <summary>Checks signed requests, and that each counts once.</summary>
internal sealed class OAuthProof(IdentityDb db, ConsumerTable consumers, OAuthTokenTable tokens, Sealed box)
{
    public async Task<ConsumerRow> Consumer(SignedRequest signed) => await consumers.Find(signed.Consumer) ?? throw Errors.ConsumerNotFound();

    /// <summary>The access token that a request for a token of ours is signed with.</summary>
    public async Task<AccessTokenRow> AccessToken(Call call)
    {
        var signed = SignedRequest.Of(call);
        var token = await tokens.Access(signed.Token) ?? throw Errors.AccessTokenNotFound();
        if (token.ExpiresAt < db.Now || token.ConsumerId != signed.Consumer) throw Errors.Unauthorized();
        await Require(signed, await Consumer(signed), box.OpenText(token.SealedSecret));
        return token;
    }

    /// <exception cref="Contracts.Fault">400 for a request nobody could sign, 401 for a wrong signature or one that came before.</exception>
    public async Task Require(SignedRequest signed, ConsumerRow consumer, string tokenSecret)
    {
        var (signedAt, nonce) = signed.Check(db.Now);
        if (!signed.IsSignedWith(box.OpenText(consumer.SealedSecret), tokenSecret)) throw Errors.Unauthorized();
        if (!await db.InTransaction(() => tokens.FirstTime(consumer.Id, signedAt, nonce, SignedRequest.ForgetBefore(db.Now)))) throw Errors.Unauthorized();
    }
}
