using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Cli;

namespace Nephos.Client;

/// <summary>Any OpenStack cloud, as whom the variables of an openrc file say (<c>OS_AUTH_URL</c> and its like, or <c>OS_TOKEN</c>); addresses come from its catalog.</summary>
sealed class OpenStackSession : IDisposable
{
    readonly HttpClient http;
    readonly JsonArray catalog;
    readonly string? region;

    OpenStackSession(HttpClient http, JsonArray catalog, string? region) => (this.http, this.catalog, this.region) = (http, catalog, region);

    /// <param name="variable">Gives a variable of the environment.</param>
    /// <param name="ct">Stops it.</param>
    public static async Task<OpenStackSession> LogIn(Func<string, string?> variable, CancellationToken ct)
    {
        var url = (Value("OS_AUTH_URL") ?? throw Missing("OS_AUTH_URL")).TrimEnd('/');
        if (!url.EndsWith("/v3", StringComparison.Ordinal)) url += "/v3";
        var http = new HttpClient(Handler(Value("OS_CACERT"))) { Timeout = Timeout.InfiniteTimeSpan };
        using var response = await http.PostAsJsonAsync(url + "/auth/tokens", new JsonObject { ["auth"] = Auth() }, ct);
        if (!response.IsSuccessStatusCode) throw new Refusal($"{url} did not let us in: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}", "source an openrc file.");
        http.DefaultRequestHeaders.Add("X-Auth-Token", response.Headers.GetValues("X-Subject-Token").First());
        var token = (await response.Content.ReadFromJsonAsync<JsonObject>(ct))!["token"]!;
        return new OpenStackSession(http, token["catalog"]?.AsArray() ?? [], Value("OS_REGION_NAME"));

        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;

        JsonObject Auth() => new()
        {
            ["identity"] = Value("OS_TOKEN") is { } known
                ? new JsonObject { ["methods"] = new JsonArray("token"), ["token"] = new JsonObject { ["id"] = known } }
                : new JsonObject
                {
                    ["methods"] = new JsonArray("password"),
                    ["password"] = new JsonObject { ["user"] = Named("OS_USER_ID", "OS_USERNAME", "OS_USER_DOMAIN", user => user["password"] = Value("OS_PASSWORD") ?? throw Missing("OS_PASSWORD")) },
                },
            ["scope"] = new JsonObject { ["project"] = Named("OS_PROJECT_ID", "OS_PROJECT_NAME", "OS_PROJECT_DOMAIN") },
        };

        JsonObject Named(string id, string name, string domain, Action<JsonObject>? more = null)
        {
            var thing = Value(id) is { } known ? new JsonObject { ["id"] = known } : new JsonObject
            {
                ["name"] = Value(name) ?? throw Missing(name),
                ["domain"] = Value(domain + "_NAME") is { } text ? new JsonObject { ["name"] = text } : new JsonObject { ["id"] = Value(domain + "_ID") ?? "default" },
            };
            more?.Invoke(thing);
            return thing;
        }
    }

    /// <summary>Where the catalog says a service is.</summary>
    public string Endpoint(string service) => catalog.Where(s => s!["type"]!.GetValue<string>() == service).SelectMany(s => s!["endpoints"]!.AsArray())
        .FirstOrDefault(e => e!["interface"]!.GetValue<string>() == "public" && (region is null || e["region_id"]?.GetValue<string>() == region))?["url"]?.GetValue<string>().TrimEnd('/')
        ?? throw new Refusal($"the catalog has no public endpoint of a service {service}{(region is null ? "" : $" in the region {region}")}");

    /// <summary>A document; null for 404.</summary>
    public async Task<JsonObject?> Find(string url, CancellationToken ct)
    {
        using var response = await http.GetAsync(url, ct);
        if (response.StatusCode == System.Net.HttpStatusCode.NotFound) return null;
        if (!response.IsSuccessStatusCode) throw new CloudRefused(response.StatusCode, "GET", url, await response.Content.ReadAsStringAsync(ct));
        return await JsonSerializer.DeserializeAsync<JsonObject>(await response.Content.ReadAsStreamAsync(ct), cancellationToken: ct);
    }

    /// <summary>An answer whose body is read as it comes.</summary>
    public async Task<HttpResponseMessage> Open(string url, CancellationToken ct)
    {
        var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.IsSuccessStatusCode) return response;
        using (response) throw new CloudRefused(response.StatusCode, "GET", url, await response.Content.ReadAsStringAsync(ct));
    }

    public void Dispose() => http.Dispose();

    static SocketsHttpHandler Handler(string? authority)
    {
        var handler = new SocketsHttpHandler();
        if (authority is null) return handler;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authority);
        handler.SslOptions.CertificateChainPolicy = policy;
        return handler;
    }

    static Refusal Missing(string name) => new($"{name} is not set", "source an openrc file.");
}
