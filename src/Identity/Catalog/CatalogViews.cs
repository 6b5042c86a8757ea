using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;

namespace Nephos.Identity.Catalog;

internal sealed record RegionView(string Id, string Description, string? ParentRegionId, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static RegionView Of(RegionRow row, Call call) =>
        new(row.Id, row.Description, row.ParentRegionId, new($"{call.ServiceUrl}/v3/regions/{row.Id}")) { Extra = row.Extra };
}

internal sealed record ServiceView(string Id, string Type, [property: Kernel.Api.Views.OmitNull] string? Name, bool Enabled, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static ServiceView Of(ServiceRow row, Call call) =>
        new(row.Id, row.Type, row.Name, row.Enabled, new($"{call.ServiceUrl}/v3/services/{row.Id}")) { Extra = row.Extra };
}

internal sealed record EndpointView(string Id, string Interface, string ServiceId, string? RegionId, string? Region, string Url, bool Enabled, SelfLink Links)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static EndpointView Of(EndpointRow row, Call call) => new(row.Id, row.Interface, row.ServiceId, row.RegionId, row.RegionId,
        CatalogOfEpoch.Shown(row.Url, call.Urls.Root), row.Enabled, new($"{call.ServiceUrl}/v3/endpoints/{row.Id}"))
    { Extra = row.Extra };
}
