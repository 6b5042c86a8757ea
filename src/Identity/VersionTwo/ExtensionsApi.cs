using Nephos.Kernel.Api;

namespace Nephos.Identity.VersionTwo;

/// <summary>/v2.0/extensions: the one that administrators need.</summary>
internal static class ExtensionsApi
{
    private static readonly object Administration = new
    {
        name = "OpenStack Keystone Admin", @namespace = "https://docs.openstack.org/identity/api/ext/OS-KSADM/v1.0", alias = "OS-KSADM", updated = "2013-07-11T17:14:00-00:00",
        description = "Services, roles, and passwords of users, for administrators.", links = Array.Empty<object>(),
    };

    public static void Map(RouteGroup v2)
    {
        const string Why = "What this service can do is no secret.";
        v2.Get("/extensions", _ => Task.FromResult(Answer.Json(("extensions", new { values = new[] { Administration } })))).Public(Why);
        v2.Get("/extensions/{alias}", call => call["alias"] == "OS-KSADM" ? Task.FromResult(Answer.Json(("extension", Administration))) : throw Errors.NotFound("extension", call["alias"]))
            .Public(Why).Fails(404);
    }
}
