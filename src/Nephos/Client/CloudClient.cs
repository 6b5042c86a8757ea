using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nephos.Client;

/// <summary>An answer that was not the one hoped for; the text is the service's own.</summary>
sealed class CloudRefused(HttpStatusCode status, string method, string path, string body)
    : Exception($"{method} {path} was answered {(int)status}: {(body.Length > 500 ? body[..500] : body)}")
{
    public HttpStatusCode Status => status;
}

/// <summary>A tiny client of the public OpenStack APIs, on the shared port's paths: all that seeding, the quickstart and the status screen need.</summary>
sealed class CloudClient(HttpClient http) : IDisposable
{
    string? token;

    /// <summary>Logs in with a password, scoped to a project of the default domain.</summary>
    public async Task LogIn(string user, string password, string project, CancellationToken ct)
    {
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject
                {
                    ["methods"] = new JsonArray("password"),
                    ["password"] = new JsonObject { ["user"] = new JsonObject { ["name"] = user, ["password"] = password, ["domain"] = new JsonObject { ["id"] = "default" } } },
                },
                ["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = project, ["domain"] = new JsonObject { ["id"] = "default" } } },
            },
        };
        token = null;
        using var response = await Send(HttpMethod.Post, "identity/v3/auth/tokens", JsonContent.Create(body), null, ct);
        token = response.Headers.GetValues("X-Subject-Token").First();
        ProjectId = (await response.Content.ReadFromJsonAsync<JsonObject>(ct))!["token"]!["project"]!["id"]!.GetValue<string>();
    }

    /// <summary>Of the scope.</summary>
    public string ProjectId { get; private set; } = "";

    public Task<JsonObject> Get(string path, CancellationToken ct) => Json(HttpMethod.Get, path, null, ct);

    public Task<JsonObject> Post(string path, JsonNode body, CancellationToken ct) => Json(HttpMethod.Post, path, JsonContent.Create(body), ct);

    public Task<JsonObject> Put(string path, JsonNode? body, CancellationToken ct) => Json(HttpMethod.Put, path, body is null ? null : JsonContent.Create(body), ct);

    public Task<JsonObject> Delete(string path, CancellationToken ct) => Json(HttpMethod.Delete, path, null, ct);

    /// <summary>Uploads a file's bytes.</summary>
    public async Task Upload(string path, Stream data, CancellationToken ct)
    {
        using var content = new StreamContent(data, 1 << 20);
        content.Headers.ContentType = new("application/octet-stream");
        using var response = await Send(HttpMethod.Put, path, content, null, ct);
    }

    /// <summary>The first element of a list whose members are as asked, or null.</summary>
    public async Task<JsonObject?> Find(string path, string list, Func<JsonObject, bool> wanted, CancellationToken ct) =>
        (await Get(path, ct))[list]!.AsArray().Select(item => item!.AsObject()).FirstOrDefault(wanted);

    public void Dispose() => http.Dispose();

    async Task<JsonObject> Json(HttpMethod method, string path, HttpContent? content, CancellationToken ct)
    {
        using var response = await Send(method, path, content, path.StartsWith("compute/", StringComparison.Ordinal) ? "compute 2.93" : null, ct);
        if (response.StatusCode == HttpStatusCode.NoContent || response.Content.Headers.ContentLength == 0) return [];
        await using var body = await response.Content.ReadAsStreamAsync(ct);
        try { return await JsonSerializer.DeserializeAsync<JsonObject>(body, cancellationToken: ct) ?? []; }
        catch (JsonException) { return []; }
    }

    async Task<HttpResponseMessage> Send(HttpMethod method, string path, HttpContent? content, string? version, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add("Accept", "application/json");
        if (token is not null) request.Headers.Add("X-Auth-Token", token);
        if (version is not null) request.Headers.Add("OpenStack-API-Version", version);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.IsSuccessStatusCode) return response;
        using (response) throw new CloudRefused(response.StatusCode, method.Method, "/" + path, await response.Content.ReadAsStringAsync(ct));
    }
}
