using System.Text.Json;
using System.Text.Json.Serialization;
using Nephos.Identity.Catalog;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Users;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.VersionTwo;

internal sealed record TenantView(string Id, string Name, string Description, bool Enabled)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static TenantView Of(ProjectRow row) => new(row.Id, row.Name, row.Description, row.Enabled) { Extra = row.Extra };
}

internal sealed record UserView(string Id, string Name, string Username, bool Enabled, [property: Named("tenantId"), OmitNull] string? TenantId)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    // v3 keeps any name that it does not know, these two as well.
    public static UserView Of(UserRow row) => new(row.Id, row.Name, row.Name, row.Enabled, row.DefaultProjectId)
    {
        Extra = row.Extra.Where(e => e.Key is not ("username" or "tenantId")).ToDictionary(StringComparer.Ordinal),
    };
}

internal sealed record RoleView(string Id, string Name, [property: OmitNull] string? Description)
{
    public static RoleView Of(RoleRow row) => new(row.Id, row.Name, row.Description);
}

internal sealed record ServiceView(string Id, string? Name, string Type, bool Enabled)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }

    public static ServiceView Of(ServiceRow row) => new(row.Id, row.Name, row.Type, row.Enabled) { Extra = row.Extra };
}

/// <summary>An endpoint with its three URLs.</summary>
internal sealed record EndpointView(string Id, string ServiceId, string? Region, bool Enabled, string? Publicurl, string? Internalurl, string? Adminurl)
{
    /// <summary>Rows of one service in one region; null without a public face, which v2.0 has no endpoint without.</summary>
    public static EndpointView? Of(IReadOnlyList<EndpointRow> rows, string root)
    {
        string? Url(string face) => rows.FirstOrDefault(r => r.Interface == face) is { } row ? CatalogOfEpoch.Shown(row.Url, root) : null;
        return rows.FirstOrDefault(r => r.Interface == "public") is { } main
            ? new(main.LegacyEndpointId ?? main.Id, main.ServiceId, main.RegionId, main.Enabled, Url("public"), Url("internal"), Url("admin")) : null;
    }
}
