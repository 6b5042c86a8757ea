using Nephos.Kernel.Api;

namespace Nephos.Image.Versions;

internal sealed class VersionsApi
{
    public static void Map(RouteGroup root)
    {
        root.Get("/", call => Task.FromResult(Answer.JsonValue(VersionList.Of(call)))).Public("Clients look for versions before they log in.").Returns(300);
        root.Get("/versions", call => Task.FromResult(Answer.JsonValue(VersionList.Of(call)))).Public("Clients look for versions before they log in.");
        root.Get("/versions/{*rest}", call => Task.FromResult(Answer.JsonValue(VersionList.Of(call)))).Public("Clients look for versions before they log in.");
    }
}
