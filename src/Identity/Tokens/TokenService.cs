using Nephos.Contracts;
using Nephos.Identity.Shared;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Tokens;

/// <summary>Issues and validates tokens. A token seen since the last change costs one look-up in memory.</summary>
internal sealed class TokenService(TokenKeys keys, EpochCache cache, TokenResolver resolver, IdentityDb db, IdentityOptions options) : ITokens
{
    private const int MaxCached = 50_000;

    public async ValueTask<Caller?> Validate(string token, CancellationToken ct) => (await Find(token))?.Caller;

    /// <summary>What a token means now; null if nothing.</summary>
    /// <exception cref="Fault">503 when the database cannot be asked.</exception>
    public async ValueTask<TokenFacts?> Find(string text)
    {
        try
        {
            var view = await cache.Now();
            if (!view.Tokens.TryGetValue(text, out var known))
            {
                if (await Read(text) is not { } token || token.ExpiresAt <= db.Now) return null;
                // A bound, not a policy: whoever has so many tokens at once pays with a look-up.
                if (view.Tokens.Count > MaxCached) view.Tokens.Clear();
                known = view.Tokens.GetOrAdd(text, _ => new Once<TokenFacts?>(() => resolver.Resolve(token, view)));
            }
            var facts = await known.Value;
            return facts is not null && facts.Token.ExpiresAt > db.Now ? facts : null;
        }
        catch (DatabaseUnavailable) { throw DatabaseUnavailable.Fault; }
    }

    /// <summary>As <see cref="Find"/>, for a token that may have ended within a window.</summary>
    public async Task<TokenFacts?> FindExpired(string text, TimeSpan window) =>
        await Read(text) is { } token && token.ExpiresAt + window > db.Now ? await resolver.Resolve(token, await cache.Now()) : null;

    /// <summary>The text of a new token and what it means; null when it would mean nothing (no role, something disabled).</summary>
    public async Task<(string Text, TokenFacts Facts)?> Issue(Token token)
    {
        if (await resolver.Resolve(token, await cache.Now()) is not { } facts) return null;
        var ring = await keys.Ring();
        return (options.JwsTokens ? Jws.Write(ring.SigningPair, token) : Fernet.Write(ring.Signing, token.IssuedAt, token.Pack()), facts);
    }

    // Both kinds, whichever is made now.
    private async ValueTask<Token?> Read(string text)
    {
        var ring = await keys.Ring();
        return text.StartsWith('e') ? Jws.Read(ring.Pairs, text) : Fernet.Read(ring.All, text) is { } payload ? Token.Unpack(payload) : null;
    }
}
