using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Extensions;

internal sealed class ExtensionsApi
{
    public void Map(RouteGroup g)
    {
        g.Get("/extensions", List).Policy("os_compute_api:extensions", Rule.Anyone, "List and show extensions");
        g.Get("/extensions/{alias}", Show).Policy("os_compute_api:extensions", Rule.Anyone, "List and show extensions").Fails(404);
    }

    private static Task<Answer> List(Call call) => Task.FromResult(Answer.Json(("extensions", KnownExtensions.All.Select(e => View(e.Alias, e.Name)))));

    private static Task<Answer> Show(Call call) => KnownExtensions.All.FirstOrDefault(e => e.Alias == call["alias"]) is { Alias: not null } known
        ? Task.FromResult(Answer.Json(("extension", View(known.Alias, known.Name)))) : throw Errors.NoSuchResource();

    private static ExtensionView View(string alias, string name) => new(alias, $"{name}.", [], name, "http://docs.openstack.org/compute/ext/fake_xml", "2014-12-03T00:00:00Z");

    private sealed record ExtensionView(string Alias, string Description, string[] Links, string Name, string Namespace, string Updated);
}
