using System.Globalization;
using System.Text.Json;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Credentials;

/// <summary>POST /v3/ec2tokens: a service that got a request signed with EC2 keys exchanges the signature for a token of the keys' owner.</summary>
internal sealed class Ec2TokensApi(IdentityDb db, IdentityOptions options, CredentialTable credentials, Sealed box, TokenService tokens)
{
    private static readonly TimeSpan SignatureLifetime = TimeSpan.FromMinutes(15);

    public void Map(RouteGroup v3) => v3.Post("/ec2tokens", Issue).Guard("identity:ec2tokens_validate").Fails(400, 401, 404);

    private async Task<Answer> Issue(Call call)
    {
        if (call.Json.ValueKind != JsonValueKind.Object || !call.Json.EnumerateObject().Any()) throw Errors.Invalid("request must include a request body");
        var request = new Fields(call.Json.TryGetProperty("credentials", out var given) || call.Json.TryGetProperty("credential", out given) || call.Json.TryGetProperty("ec2Credentials", out given) ? given : default);
        if (request.Text("access") is not { } access) throw Errors.Unauthorized();
        var id = Ec2Keys.IdOf(access);
        var row = await credentials.Find(id) ?? throw Errors.CredentialNotFound(id);
        if (row is not { Type: "ec2", ProjectId: not null } || Ec2Keys.Read(box.OpenText(row.SealedBlob)) is not { Secret: { } secret } keys) throw Errors.Unauthorized();
        if (!Ec2Signature.Matches(secret, request) || !IsRecent(request)) throw Errors.Unauthorized();
        var now = db.Now;
        var token = new Token
        {
            UserId = row.UserId, Methods = ["ec2credential"], IssuedAt = now, ExpiresAt = now + options.TokenLifetime, AuditId = Token.NewAuditId(),
            Scope = keys.TrustId is null ? ScopeKind.Project : ScopeKind.Trust, ScopeId = keys.TrustId ?? row.ProjectId, ApplicationCredentialId = keys.AppCredId,
        };
        var (text, facts) = await tokens.Issue(token) ?? throw Errors.Unauthorized();
        using var document = JsonDocument.Parse(facts.Rendered(call.Urls.Root, catalog: true));
        return Answer.JsonValue(document.RootElement.Clone()).With("X-Subject-Token", text);
    }

    // A signature that was overheard is of no use later.
    private bool IsRecent(Fields request)
    {
        var args = request.Inner("params");
        var text = args.Text("Timestamp") ?? args.Text("X-Amz-Date") ?? Ec2Signature.Header(request, "X-Amz-Date");
        if (text is null) return args.Text("SignatureVersion") is null;
        return DateTimeOffset.TryParseExact(text, ["yyyyMMdd'T'HHmmss'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && db.Now <= at + SignatureLifetime;
    }
}
