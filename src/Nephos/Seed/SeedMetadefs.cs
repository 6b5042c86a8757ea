using System.Text.Json.Nodes;
using Nephos.Client;

namespace Nephos.Seed;

/// <summary>The definitions of metadata that clients expect of any cloud: which properties servers, flavors, images and volumes may have.</summary>
static class SeedMetadefs
{
    public static async Task Run(CloudClient cloud, CancellationToken ct)
    {
        var there = (await cloud.Get("image/v2/metadefs/namespaces?limit=1000", ct))["namespaces"]!.AsArray().Select(n => n!["namespace"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        foreach (var space in Catalog().Where(n => !there.Contains(n["namespace"]!.GetValue<string>()))) await cloud.Post("image/v2/metadefs/namespaces", space, ct);
    }

    internal static IReadOnlyList<JsonObject> Catalog()
    {
        using var file = typeof(SeedMetadefs).Assembly.GetManifestResourceStream("metadefs.json")!;
        return [.. JsonNode.Parse(file)!.AsArray().Select(n => n!.AsObject())];
    }
}
