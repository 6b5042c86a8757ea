using System.Text.Json;
using Nephos.Kernel.Api;

namespace Nephos.Tests.Cloud.Urls;

/// <summary>
/// Follows every link of every document, as a client that is given nothing but the public addresses: from each service's lists, one item to
/// the page, on to what they lead to.
/// </summary>
/// <param name="token">An administrator's.</param>
/// <param name="baseOf">The public address of a service, by type.</param>
/// <param name="reach">Turns a public URL into a request that arrives, or null where no way leads.</param>
internal sealed class LinkWalk(HttpClient http, string token, Func<string, string> baseOf, Func<string, HttpRequestMessage?> reach)
{
    // Names of things, which nobody is meant to fetch.
    static readonly string[] Names = ["//docs.openstack.org/", "//schemas.dmtf.org/"];

    const string Inventory = "the inventory";
    readonly Queue<(ServiceApi Service, string Url, string From)> open = new();
    readonly HashSet<string> seen = new(StringComparer.Ordinal);
    readonly List<string> wrong = [];

    /// <summary>Links that lead elsewhere, or to an error.</summary>
    public IReadOnlyList<string> Wrong => wrong;

    /// <summary>Every URL asked.</summary>
    public IReadOnlyCollection<string> Seen => seen;

    public async Task Run(IEnumerable<ServiceApi> services)
    {
        foreach (var service in services)
            foreach (var route in service.Routes.Where(r => r.Method == "GET" && !r.Pattern.Contains('{', StringComparison.Ordinal)))
            {
                var declared = route.QuerySchema is null || (await Ask(service, $"{baseOf(service.Type)}{route.Pattern}?limit=1")).Status != 400;
                open.Enqueue((service, baseOf(service.Type) + route.Pattern + (declared ? "?limit=1" : ""), Inventory));
            }
        while (open.TryDequeue(out var next)) await Visit(next.Service, next.Url, next.From);
    }

    async Task Visit(ServiceApi service, string url, string from)
    {
        if (!seen.Add(url)) return;
        var (status, text) = await Ask(service, url);
        if ((status == 0 || status >= 400 && from != Inventory) && !DeadUpstream(service, url)) wrong.Add($"{status} {url}, named in {from}");
        // Other services are walked from their own lists.
        if (text is null || !url.StartsWith(baseOf(service.Type), StringComparison.Ordinal)) return;
        using var json = JsonDocument.Parse(text);
        foreach (var link in Links(json.RootElement, ""))
        {
            // Image's links begin at its endpoint, so that they hold wherever that is.
            if (link.StartsWith('/')) open.Enqueue((service, service.Type == "placement" ? Host(baseOf("placement")) + link : baseOf(service.Type) + link, url));
            else open.Enqueue((service, link, url));
        }
    }

    async Task<(int Status, string? Json)> Ask(ServiceApi service, string url)
    {
        using var request = reach(url);
        if (request is null) return (0, null);
        request.Headers.Add("X-Auth-Token", token);
        request.Headers.Add("Accept", "application/json");
        if (service.Versions is { } versions) request.Headers.Add("OpenStack-API-Version", $"{versions.ServiceType} {versions.Maximum}");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? await response.Content.ReadAsStringAsync() : null);
    }

    /// <summary>Texts that lead somewhere: every absolute URL that is not documentation, and relative ones under the names that clients follow.</summary>
    static IEnumerable<string> Links(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Links(p.Value, p.Name)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(v => Links(v, name)),
        JsonValueKind.String when value.GetString()! is var text && !Names.Any(n => text.Contains(n, StringComparison.Ordinal)) && (text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal)
            || text.StartsWith('/') && name is "href" or "first" or "next" or "self" or "file" or "schema") => [text],
        _ => [],
    };

    /// <summary>Links that upstream gives too, and that lead nowhere there either: image's own version, and images through compute in versions that have none.</summary>
    static bool DeadUpstream(ServiceApi service, string url) => service.Type switch
    {
        "image" => url.EndsWith("/v2/", StringComparison.Ordinal),
        "compute" => url.Contains("/v2.1/images/", StringComparison.Ordinal) || url.Contains("/v2/images/", StringComparison.Ordinal),
        _ => false,
    };

    static string Host(string url) => new Uri(url).GetLeftPart(UriPartial.Authority);
}
