using Nephos.Contracts;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Tokens;

/// <summary>What is left of tokens that were certificates: upstream still answers their paths, and says that they are gone.</summary>
internal static class PkiApi
{
    private const string Why = "Upstream tells everybody that this is gone.";

    public static void Map(RouteGroup v3)
    {
        foreach (var path in (string[])["/OS-SIMPLE-CERT/ca", "/OS-SIMPLE-CERT/certificates"])
            v3.Get(path, _ => throw new Fault(FaultKind.Gone, "Gone", "This API is no longer available due to the removal of support for PKI tokens.")).Public(Why).Fails(410);
        v3.Get("/auth/tokens/OS-PKI/revoked", _ => throw Errors.Forbidden()).Public(Why).Fails(403);
    }
}
