using System.Text.Json;
using Nephos.Identity.Audit;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;
using Nephos.Kernel.Audit;

namespace Nephos.Identity.Credentials;

/// <summary>Tokens for owners of EC2 keys: a service that got a request signed with them asks with what was signed and the signature.</summary>
internal sealed class KeyTokens(IdentityDb db, IdentityOptions options, CredentialTable credentials, Sealed box, TokenService tokens)
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
        var now = db.Now;
        var token = new Token
        {
            UserId = row.UserId, Methods = ["ec2credential"], IssuedAt = now, ExpiresAt = now + options.TokenLifetime, AuditId = Token.NewAuditId(),
            Scope = keys.TrustId is null ? ScopeKind.Project : ScopeKind.Trust, ScopeId = keys.TrustId ?? row.ProjectId, ApplicationCredentialId = keys.AppCredId,
        };
        var (text, facts) = await tokens.Issue(token) ?? throw Errors.Unauthorized();
        call.Proves(facts);
        return (text, facts);
    }

    /// <summary>As v3 has it.</summary>
    public static Answer Shown(Call call, (string Text, TokenFacts Facts) issued)
    {
        using var document = JsonDocument.Parse(issued.Facts.Rendered(call.Urls.Root, catalog: true));
        return Answer.JsonValue(document.RootElement.Clone()).With("X-Subject-Token", issued.Text);
    }
}
