using System.Text.Json.Nodes;
using Nephos.Kernel.Api;

namespace Nephos.Image.Versions;

/// <summary>The list of versions: what 2.17 with stores and a cache implies.</summary>
internal static class VersionList
{
    private static readonly string[] Supported = ["2.16", "2.15", "2.14", "2.13", "2.12", "2.11", "2.10", "2.9", "2.8", "2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0"];

    public static JsonObject Of(Call call)
    {
        var href = call.ServiceUrl + "/v2/";
        return new JsonObject { ["versions"] = new JsonArray([Entry("2.17", "CURRENT", href), .. Supported.Select(v => Entry(v, "SUPPORTED", href))]) };
    }

    private static JsonObject Entry(string version, string status, string href) => new()
    {
        ["id"] = "v" + version,
        ["status"] = status,
        ["links"] = new JsonArray(new JsonObject { ["rel"] = "self", ["href"] = href }),
    };
}
