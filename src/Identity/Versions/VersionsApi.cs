using Nephos.Kernel.Api;

namespace Nephos.Identity.Versions;

/// <summary>Which versions there are: / (300) and /v3.</summary>
internal static class VersionsApi
{
    private const string Stable = "v3.14", Updated = "2020-04-07T00:00:00Z";

    private sealed record Link(string Rel, string Href);

    private sealed record MediaType(string Base, string Type);

    private sealed record Version(string Id, string Status, string Updated, Link[] Links, [property: Kernel.Api.Views.Named("media-types")] MediaType[] MediaTypes);

    public static void Map(ServiceApi api)
    {
        const string Why = "Clients ask for versions before they have a token.";
        var root = api.Group("");
        root.Get("/", call => Task.FromResult(Home(call, "/v3")
            ?? Answer.Json(("versions", new { values = new[] { Of(call) } })).With("Vary", "X-Auth-Token").With("Location", call.ServiceUrl + "/v3/"))).Public(Why).Returns(300);
        root.Get("/v3", call => Task.FromResult(Home(call, "") ?? Answer.Json(("version", Of(call))))).Public(Why);
    }

    private static Answer? Home(Call call, string prefix) => JsonHome.IsWanted(call.Header("Accept")) ? Answer.Plain(JsonHome.Type, JsonHome.Document(prefix).ToJsonString()).As(200) : null;

    private static Version Of(Call call) => new(Stable, "stable", Updated, [new("self", call.ServiceUrl + "/v3/")],
        [new("application/json", "application/vnd.openstack.identity-v3+json")]);
}
