using System.Text.Json;
using Nephos.Identity.ApplicationCredentials;
using Nephos.Identity.Audit;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Identity.Trusts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Audit;

namespace Nephos.Identity.Credentials;

/// <summary>Tokens for owners of EC2 keys: a service that got a request signed with them asks with what was signed and the signature.</summary>
internal sealed class KeyTokens(IdentityDb db, IdentityOptions options, CredentialTable credentials, Sealed box, TokenService tokens, TrustTable trusts, TrustUse trustUse, ApplicationCredentialTable applicationCredentials)
{
    /// <param name="call">The service's request.</param>
    /// <param name="isSigned">Whether the secret made the signature of the body's credentials.</param>
    public async Task<(string Text, TokenFacts Facts)> Issue(Call call, Func<string, Fields, bool> isSigned)
    {
        if (call.Json.ValueKind != JsonValueKind.Object || !call.Json.EnumerateObject().Any()) throw Errors.Invalid("request must include a request body");
        var request = new Fields(call.Json.TryGetProperty("credentials", out var given) || call.Json.TryGetProperty("credential", out given) || call.Json.TryGetProperty("ec2Credentials", out given) ? given : default);
        if (request.Text("access") is not { } access) throw Errors.Unauthorized();
        var id = Ec2Keys.IdOf(access);
        var row = await credentials.Find(id) ?? throw Errors.CredentialNotFound(id);
        if (row is not { Type: "ec2", ProjectId: not null } || Ec2Keys.Read(box.OpenText(row.SealedBlob)) is not { Secret: { } secret } keys) throw Errors.Unauthorized();
        call.Tries(new Initiator(row.UserId) { ProjectId = row.ProjectId, ApplicationCredentialId = keys.AppCredId });
        if (!isSigned(secret, request)) throw Errors.Unauthorized();
        // The owner wrote what the keys stand for: it holds no more than anywhere else.
        var trust = keys.TrustId is { } trustId ? await trusts.Find(trustId) ?? throw Errors.Unauthorized() : null;
        if (trust is not null) await trustUse.Require(trust, row.UserId);
        var lent = keys.AppCredId is { } lentId ? await applicationCredentials.Find(lentId) ?? throw Errors.Unauthorized() : null;
        var now = db.Now;
        var token = new Token
        {
            UserId = row.UserId, Methods = ["ec2credential"], IssuedAt = now, ExpiresAt = Token.Earliest(now + options.TokenLifetime, trust?.ExpiresAt, lent?.ExpiresAt), AuditId = Token.NewAuditId(),
            Scope = trust is null ? ScopeKind.Project : ScopeKind.Trust, ScopeId = trust?.Id ?? row.ProjectId, ApplicationCredentialId = lent?.Id,
        };
        var (text, facts) = await tokens.Issue(token) ?? throw Errors.Unauthorized();
        call.Proves(facts);
        if (trust is not null) await trustUse.Count(trust);
        return (text, facts);
    }

    /// <summary>As v3 has it.</summary>
    public static Answer Shown(Call call, (string Text, TokenFacts Facts) issued)
    {
        using var document = JsonDocument.Parse(issued.Facts.Rendered(call.Urls.Root, catalog: true));
        return Answer.JsonValue(document.RootElement.Clone()).With("X-Subject-Token", issued.Text);
    }
}
