using System.Text.Json;
using System.Text.RegularExpressions;

namespace Nephos.Identity.Catalog;

/// <summary>An enabled endpoint of an enabled service.</summary>
internal sealed record CatalogEndpoint(string Id, string Interface, string? RegionId, string Url);

/// <summary>An enabled service with its enabled endpoints.</summary>
internal sealed record CatalogService(string Id, string Type, string? Name, IReadOnlyList<CatalogEndpoint> Endpoints);

/// <summary>The catalog as it is in one epoch; endpoints hold their URLs as stored.</summary>
/// <param name="Services">What is enabled.</param>
/// <param name="HasFilters">True if some project sees only some endpoints.</param>
internal sealed partial record CatalogOfEpoch(IReadOnlyList<CatalogService> Services, bool HasFilters)
{
    /// <summary>Writes the list of services as a token shows it. An endpoint whose URL names a project is left out without one.</summary>
    public void Write(Utf8JsonWriter json, string root, string? projectId, string userId)
    {
        json.WriteStartArray();
        foreach (var service in Services)
        {
            json.WriteStartObject();
            json.WriteStartArray("endpoints");
            foreach (var endpoint in service.Endpoints)
            {
                if (Expand(endpoint.Url, root, projectId, userId) is not { } url) continue;
                json.WriteStartObject();
                json.WriteString("id", endpoint.Id);
                json.WriteString("interface", endpoint.Interface);
                json.WriteString("region_id", endpoint.RegionId);
                json.WriteString("url", url);
                json.WriteString("region", endpoint.RegionId);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("id", service.Id);
            json.WriteString("type", service.Type);
            json.WriteString("name", service.Name ?? "");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Fills <c>$(name)s</c> and <c>%(name)s</c>; null if the URL names a project and there is none.</summary>
    public static string? Expand(string url, string root, string? projectId, string userId)
    {
        if (url.IndexOf(")s", StringComparison.Ordinal) < 0) return url;
        var missing = false;
        var full = Variable().Replace(url, match =>
        {
            var value = match.Groups[1].Value switch
            {
                "public_url" => root,
                "project_id" or "tenant_id" => projectId,
                "user_id" => userId,
                _ => match.Value,
            };
            missing |= value is null;
            return value ?? "";
        });
        return missing ? null : full;
    }

    /// <summary>The URL of an endpoint's own row: only the address of this cloud is filled in, so that the row can be written back.</summary>
    public static string Shown(string url, string root) => url.Replace("$(public_url)s", root, StringComparison.Ordinal);

    [GeneratedRegex(@"[$%]\(([a-z_]+)\)s")]
    private static partial Regex Variable();
}
