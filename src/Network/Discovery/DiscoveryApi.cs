using Nephos.Kernel.Api;

namespace Nephos.Network.Discovery;

/// <summary>Version documents and extensions.</summary>
internal static class DiscoveryApi
{
    private static readonly string[] Collections =
    [
        "networks", "subnets", "ports", "routers", "floatingips", "security_groups", "security_group_rules", "subnetpools", "address_scopes", "agents", "quotas", "rbac_policies", "availability_zones",
        "network_ip_availabilities", "extensions", "service_providers",
    ];

    public static void Map(ServiceApi api)
    {
        api.Group("").Get("/", Versions).Public("Clients learn the versions before they have a token.");
        var v2 = api.Group("/v2.0");
        v2.Get("/", Resources).Policy("regular_user", Policies.All["regular_user"], "");
        v2.Get("/extensions", _ => Task.FromResult(Answer.Json(("extensions", Extensions.All)))).Policy("regular_user", Policies.All["regular_user"], "");
        v2.Get("/extensions/{alias}", Extension).Policy("regular_user", Policies.All["regular_user"], "").Fails(404);
    }

    private static Task<Answer> Versions(Call call) => Task.FromResult(Answer.Json(("versions", new[]
    {
        new { id = "v2.0", status = "CURRENT", links = new[] { new { rel = "self", href = call.ServiceUrl + "/v2.0/" } } },
    })));

    private static Task<Answer> Resources(Call call) => Task.FromResult(Answer.Json(("resources", Collections.Select(c => new
    {
        links = new[] { new { rel = "self", href = $"{call.ServiceUrl}/v2.0/{Path(c)}" } },
        name = Singular(c),
        collection = c,
    }))));

    private static Task<Answer> Extension(Call call) => Task.FromResult(Answer.Json(("extension",
        Extensions.All.FirstOrDefault(e => e.Alias == call["alias"]) ?? throw Errors.UnknownExtension(call["alias"]))));

    /// <summary>Upstream's paths have hyphens, with this one exception.</summary>
    private static string Path(string collection) => collection == "availability_zones" ? collection : collection.Replace('_', '-');

    private static string Singular(string collection) => collection.EndsWith("ies", StringComparison.Ordinal) ? collection[..^3] + "y" : collection[..^1];
}
