using System.Globalization;
using Nephos.Contracts;
using Nephos.Identity.Audit;
using Nephos.Identity.Projects;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Policy;

namespace Nephos.Identity.Tokens;

/// <summary>/v3/auth/tokens: issue, validate, revoke.</summary>
internal sealed class TokensApi(Login login, Receipts receipts, ProjectTable projects, TokenService tokens, RevocationTable revocations, Epoch epoch, IdentityOptions options)
{
    private const string Subject = "X-Subject-Token";

    public void Map(RouteGroup v3)
    {
        v3.Post("/auth/tokens", Issue).Public("This is where tokens come from.").Audited("authenticate", AuditKinds.User).Body(() => AuthSchemas.Issue).Returns(201).Fails(400, 401, 403, 404);
        var subject = v3.Member("/auth/tokens", new MemberOf<TokenFacts>(Load, _ => Errors.Invalid(""), t => new PolicyTarget { ["target.token.user_id"] = t.User.Id }));
        subject.Get("", Validate).Guard("identity:validate_token");
        subject.Head("", Validate).Guard("identity:check_token");
        subject.Delete("", Revoke).Guard("identity:revoke_token");
    }

    private async Task<Answer> Issue(Call call)
    {
        try
        {
            var (text, facts) = await login.Run(call, call.Json.GetProperty("auth"));
            return await Write(call, 201, text, facts);
        }
        catch (MoreFactorsNeeded e) { return await Continue(e); }
    }

    /// <summary>What was proved so far, and which rules it is a beginning of.</summary>
    private async Task<Answer> Continue(MoreFactorsNeeded needed)
    {
        var (text, receipt) = await receipts.Issue(needed.User.Id, needed.Methods);
        var domain = await projects.Domain(needed.User.DomainId);
        return Answer.Json(
            ("receipt", new
            {
                methods = receipt.Methods, user = new { id = needed.User.Id, name = needed.User.Name, domain = new { id = needed.User.DomainId, name = domain?.Name } },
                expires_at = Wire.Microseconds(receipt.ExpiresAt), issued_at = Wire.Microseconds(receipt.IssuedAt),
            }),
            ("required_auth_methods", Factors.Left(needed.User, needed.Methods))).As(401).With(Receipts.Header, text);
    }

    private static Task<Answer> Validate(Call call, TokenFacts facts) => Write(call, 200, call.Header(Subject)!, facts);

    private async Task<Answer> Revoke(Call call, TokenFacts facts)
    {
        call.TargetIds = [facts.Token.AuditId];
        await epoch.Change(() => revocations.Revoke("audit:" + facts.Token.AuditId));
        return Answer.Empty;
    }

    // Whoever asks about a token that is none gets 404, before any rule.
    private async Task<TokenFacts?> Load(Call call)
    {
        if (call.Header(Subject) is not { Length: > 0 } text) throw Fault.NotFound("No token in the request");
        if (await tokens.Find(text) is { } facts) return Understood(call, facts) ? facts : throw Fault.NotFound("Failed to validate token");
        if (call.Method != "DELETE" && Listing.IsTrue(call.Query["allow_expired"]) && await tokens.FindExpired(text, options.ExpiredWindow) is { } ended && Understood(call, ended)) return ended;
        throw Fault.NotFound("Failed to validate token");
    }

    // A service that would not hold the caller to the access rules must not take the token for a good one.
    private static bool Understood(Call call, TokenFacts facts) => facts.ApplicationCredential?.AccessRules is null || call.Method == "DELETE"
        || decimal.TryParse(call.Header("OpenStack-Identity-Access-Rules"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) && version >= 1;

    // The busiest answer of the whole cloud: bytes as they were rendered once.
    private static async Task<Answer> Write(Call call, int status, string text, TokenFacts facts)
    {
        var body = facts.Rendered(call.Urls.Root, catalog: !call.Query.Has("nocatalog"));
        var stream = call.Respond(status, "application/json", body.Length, (Subject, text), ("Vary", "X-Auth-Token"));
        if (call.Method != "HEAD") await stream.WriteAsync(body, call.Cancel);
        return Answer.Written;
    }
}
