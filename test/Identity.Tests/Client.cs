using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Nephos.Identity.Tests;

/// <summary>An answer with its body read.</summary>
internal sealed record Reply(HttpStatusCode Status, JsonNode? Json, string Text, HttpResponseMessage Message)
{
    public JsonNode this[string member] => Json?[member] ?? throw new InvalidOperationException($"No {member} in {(int)Status} {Text}");

    public string Header(string name) => Message.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";

    public Reply Is(int status)
    {
        Assert.True((int)Status == status, $"{Message.RequestMessage?.Method} {Message.RequestMessage?.RequestUri}: expected {status}, got {(int)Status} {Text}");
        return this;
    }
}

/// <summary>Identity as one user sees it: every call carries the user's token.</summary>
internal sealed class Client(IdentityCloud cloud, string? token)
{
    public string Token => token!;

    public Task<Reply> Get(string path, params (string, string)[] headers) => Send("GET", path, null, headers);
    public Task<Reply> Head(string path, params (string, string)[] headers) => Send("HEAD", path, null, headers);
    public Task<Reply> Post(string path, object body, params (string, string)[] headers) => Send("POST", path, body, headers);
    public Task<Reply> Put(string path, object? body = null) => Send("PUT", path, body);
    public Task<Reply> Patch(string path, object body) => Send("PATCH", path, body);
    public Task<Reply> Delete(string path, params (string, string)[] headers) => Send("DELETE", path, null, headers);

    public async Task<Reply> Send(string method, string path, object? body, params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null) request.Headers.TryAddWithoutValidation("X-Auth-Token", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        var response = await cloud.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var json = text.Length > 0 && response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : null;
        return new(response.StatusCode, json, text, response);
    }

    /// <summary>Makes something; its id.</summary>
    public async Task<string> Make(string collection, string name, object body)
    {
        var reply = (await Post($"v3/{collection}", new Dictionary<string, object> { [name] = body })).Is(201);
        return (string)reply[name]["id"]!;
    }
}
