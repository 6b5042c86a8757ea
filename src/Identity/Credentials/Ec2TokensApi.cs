using System.Globalization;
using Nephos.Identity.Audit;
using Nephos.Identity.Shared;
using Nephos.Identity.Tokens;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Credentials;

/// <summary>POST /v3/ec2tokens, and v2.0's: the signature of an EC2 request.</summary>
internal sealed class Ec2TokensApi(IdentityDb db, IdentityOptions options, KeyTokens tokens)
{
    public void Map(RouteGroup v3) => v3.Post("/ec2tokens", async call => KeyTokens.Shown(call, await Issue(call))).Audited("authenticate", AuditKinds.User).Guard("identity:ec2tokens_validate").Fails(400, 401, 404);

    /// <summary>A token for the owner of the keys, in whatever form it is shown.</summary>
    public Task<(string Text, TokenFacts Facts)> Issue(Call call) => tokens.Issue(call, (secret, request) => Ec2Signature.Matches(secret, request) && IsRecent(request));

    // A signature that was overheard is of no use later, nor one that was made for later. Of several times only the signed one counts.
    private bool IsRecent(Fields request)
    {
        var args = request.Inner("params");
        var text = Ec2Signature.IsFour(request) ? args.Text("X-Amz-Date") ?? Ec2Signature.Header(request, "X-Amz-Date") : args.Text("Timestamp");
        return DateTimeOffset.TryParseExact(text, ["yyyyMMdd'T'HHmmss'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && (db.Now - at).Duration() <= options.SignatureLifetime;
    }
}
