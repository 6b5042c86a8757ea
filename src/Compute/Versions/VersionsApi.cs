using Nephos.Kernel.Api;

namespace Nephos.Compute.Versions;

/// <summary>The documents that clients discover the service by. v2.0 comes first: Tempest follows the first entry's link (rule 10).</summary>
internal sealed class VersionsApi
{
    private const string Why = "Clients discover versions before they have a token.";

    public void Map(ServiceApi api)
    {
        var root = api.Group("");
        root.Get("/", List).Public(Why);
        foreach (var slash in (string[])["", "/"])
        {
            root.Get("/v2" + slash, call => Show(Legacy(call))).Public(Why);
            root.Get("/v2.1" + slash, call => Show(Current(call))).Public(Why);
        }
        root.Get("/versions", List).Public(Why);
        // Where bookmarks lead: they carry no version.
        foreach (var collection in (string[])["servers", "flavors", "images"]) root.Get($"/{collection}/{{*rest}}", Choices).Public(Why).Returns(300);
    }

    private static Task<Answer> List(Call call) => Task.FromResult(Answer.Json(("versions", (VersionView[])[Legacy(call), Current(call)])));

    private static Task<Answer> Show(VersionView version) => Task.FromResult(Answer.Json(("version", version with
    {
        Links = [.. version.Links, new VersionLink("describedby", "http://docs.openstack.org/", "text/html")],
        MediaTypes = [Media(version)],
    })));

    /// <summary>The same path in each version.</summary>
    private static Task<Answer> Choices(Call call) => Task.FromResult(Answer.Json(("choices", ((VersionView[])[Legacy(call), Current(call)]).Select(version =>
        new ChoiceView(version.Id, version.Status, [new("self", version.Links[0].Href.TrimEnd('/') + call.Path)], [Media(version)])))));

    private static MediaType Media(VersionView version) => new("application/json", $"application/vnd.openstack.compute+json;version={(version.Id == "v2.0" ? "2" : "2.1")}");

    private static VersionView Legacy(Call call) => new("v2.0", "SUPPORTED", "", "", "2011-01-21T11:33:21Z", [new("self", call.ServiceUrl + "/v2/")]);

    private static VersionView Current(Call call)
    {
        var range = call.Api.Versions!;
        return new("v2.1", "CURRENT", range.Maximum.ToString(), range.Minimum.ToString(), "2013-07-23T11:33:21Z", [new("self", call.ServiceUrl + "/v2.1/")]);
    }
}
