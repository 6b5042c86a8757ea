using Nephos.Identity.Audit;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Credentials;

/// <summary>POST /v3/s3tokens: the signature of a request to an object store, with the text that was signed.</summary>
internal sealed class S3TokensApi(KeyTokens tokens)
{
    // The text says when it was signed, but a presigned URL may be used for days: its age is the object store's matter.
    public void Map(RouteGroup v3) => v3.Post("/s3tokens", async call => KeyTokens.Shown(call, await tokens.Issue(call, S3Signature.Matches))).Audited("authenticate", AuditKinds.User).Guard("identity:s3tokens_validate").Fails(400, 401, 404);
}
