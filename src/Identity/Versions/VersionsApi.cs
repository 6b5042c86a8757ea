using Nephos.Kernel.Api;

namespace Nephos.Identity.Versions;

/// <summary>Which versions there are: / (300), /v3 and /v2.0.</summary>
internal static class VersionsApi
{
    private const string Stable = "v3.14", Updated = "2020-04-07T00:00:00Z";

    private sealed record Link(string Rel, string Href)
    {
        [Kernel.Api.Views.OmitNull]
        public string? Type { get; init; }
    }

    private sealed record MediaType(string Base, string Type);

    private sealed record Version(string Id, string Status, string Updated, Link[] Links, [property: Kernel.Api.Views.Named("media-types")] MediaType[] MediaTypes);

    public static void Map(ServiceApi api)
    {
        const string Why = "Clients ask for versions before they have a token.";
        var root = api.Group("");
        root.Get("/", call => Task.FromResult(Home(call, "/v3")
            ?? Answer.Json(("versions", new { values = new[] { Of(call), Legacy(call) } })).With("Vary", "X-Auth-Token").With("Location", call.ServiceUrl + "/v3/"))).Public(Why).Returns(300);
        root.Get("/v3", call => Task.FromResult(Home(call, "") ?? Answer.Json(("version", Of(call))))).Public(Why);
        root.Get("/v2.0", call => Task.FromResult(Answer.Json(("version", Legacy(call))))).Public(Why);
    }

    private static Answer? Home(Call call, string prefix) => JsonHome.IsWanted(call.Header("Accept")) ? Answer.Plain(JsonHome.Type, JsonHome.Document(prefix).ToJsonString()).As(200) : null;

    private static Version Of(Call call) => new(Stable, "stable", Updated, [new("self", call.ServiceUrl + "/v3/")],
        [new("application/json", "application/vnd.openstack.identity-v3+json")]);

    private static Version Legacy(Call call) => new("v2.0", "deprecated", "2016-08-04T00:00:00Z",
        [new("self", call.ServiceUrl + "/v2.0/"), new("describedby", "https://docs.openstack.org/") { Type = "text/html" }], [new("application/json", "application/vnd.openstack.identity-v2.0+json")]);
}
