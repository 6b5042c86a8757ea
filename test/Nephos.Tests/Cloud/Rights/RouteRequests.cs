using Nephos.Kernel.Api;
using Nephos.Tests.Cloud.Fuzz;

namespace Nephos.Tests.Cloud.Rights;

/// <summary>Plausible requests for routes, with ids of one's choice in their paths.</summary>
internal sealed class RouteRequests(Things things)
{
    /// <summary>The path, and whether every hole of it was filled with a thing that exists.</summary>
    public (string Path, bool Known) Path(ServiceApi api, Route route, Func<string, string?> idOf)
    {
        var segments = route.Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var known = true;
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i][0] != '{') continue;
            var id = i > 0 ? idOf(segments[i - 1]) : null;
            known &= id is not null;
            segments[i] = id ?? "0f0f0f0f-1111-4222-8333-444444444444";
        }
        return ($"{api.Type}/{string.Join('/', segments)}", known);
    }

    public string? Body(ServiceApi api, Route route) => route.Method is "GET" or "HEAD" or "DELETE" && route.DeclaredBody is null ? null
        : new Requests(new Random(1), things).Body(api, route, Last(api, route))?.ToJsonString() ?? "{}";

    public static string? Version(ServiceApi api, Route route) => api.Versions is null ? null : $"{api.Versions.ServiceType} {Last(api, route)}";

    static Microversion Last(ServiceApi api, Route route) => route.Last ?? api.Versions?.Maximum ?? default;
}
