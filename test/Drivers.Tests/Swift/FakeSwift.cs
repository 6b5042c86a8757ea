using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Drivers.Swift;

namespace Nephos.Drivers.Tests.Swift;

/// <summary>Answers what the driver asks as Swift does, and Keystone beside it, from memory.</summary>
sealed class FakeSwift : IAsyncDisposable
{
    const string Account = "/v1/AUTH_images", Password = "secret";
    readonly WebApplication app;
    readonly ConcurrentDictionary<string, SortedDictionary<string, byte[]>> containers = [];
    readonly ConcurrentDictionary<string, string[]> manifests = [];
    string token = NewId.Hex();

    FakeSwift(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    /// <summary>How often somebody logged in.</summary>
    public int Logins { get; private set; }

    /// <summary>Answers the next requests whose path it takes with a status of its own.</summary>
    public Func<HttpRequest, int?> Fail { get; set; } = _ => null;

    /// <summary>Names of all objects, parts among them.</summary>
    public IReadOnlyList<string> Objects => [.. containers.SelectMany(c => c.Value.Keys.Select(o => $"{c.Key}/{o}")).Order(StringComparer.Ordinal)];

    public static async Task<FakeSwift> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => { k.Listen(IPAddress.Loopback, 0); k.Limits.MaxRequestBodySize = null; });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var fake = new FakeSwift(app);
        app.Run(fake.Handle);
        await app.StartAsync();
        return fake;
    }

    public SwiftOptions Options(int version, string password = Password) => new()
    {
        AuthUrl = Url + (version == 1 ? "/auth/v1.0" : "/v3"), AuthVersion = version, User = "nephos", Project = "images", Key = new Secret(password), Region = version == 1 ? null : "two", PartSize = 1_000_000,
    };

    /// <summary>Tokens given so far count no more.</summary>
    public void Expire() => token = NewId.Hex();

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    async Task Handle(HttpContext http)
    {
        var (request, response, path) = (http.Request, http.Response, http.Request.Path.Value!);
        if (path == "/auth/v1.0") response.StatusCode = Own(request, response);
        else if (path == "/v3/auth/tokens") await Keystone(request, response);
        else if (Fail(request) is { } status) response.StatusCode = status;
        else if (request.Headers["X-Auth-Token"] != token) response.StatusCode = 401;
        else if (path[(Account.Length + 1)..].Split('/', 2) is [var container, var name]) await Object(request, response, container, name);
        else await Container(request, response, path[(Account.Length + 1)..]);
    }

    int Own(HttpRequest request, HttpResponse response)
    {
        if (request.Headers["X-Auth-User"] != "images:nephos" || request.Headers["X-Auth-Key"] != Password) return 401;
        Logins++;
        response.Headers["X-Storage-Url"] = Url + Account;
        response.Headers["X-Auth-Token"] = token;
        return 200;
    }

    async Task Keystone(HttpRequest request, HttpResponse response)
    {
        using var body = await JsonDocument.ParseAsync(request.Body);
        var auth = body.RootElement.GetProperty("auth");
        var user = auth.GetProperty("identity").GetProperty("password").GetProperty("user");
        var right = user.GetProperty("name").GetString() == "nephos" && user.GetProperty("password").GetString() == Password && auth.GetProperty("scope").GetProperty("project").GetProperty("name").GetString() == "images";
        response.StatusCode = right ? 201 : 401;
        if (!right) return;
        Logins++;
        response.Headers["X-Subject-Token"] = token;
        object Endpoint(string face, string region, string url) => new { @interface = face, region_id = region, url };
        await response.WriteAsJsonAsync(new
        {
            token = new { catalog = (object[])[new { type = "image", endpoints = Array.Empty<object>() }, new { type = "object-store", endpoints = (object[])[Endpoint("public", "one", "http://127.0.0.1:1/"), Endpoint("internal", "two", "http://127.0.0.1:1/"), Endpoint("public", "two", Url + Account + "/")] }] },
        });
    }

    async Task Container(HttpRequest request, HttpResponse response, string container)
    {
        if (request.Method == "PUT")
        {
            containers.TryAdd(container, new(StringComparer.Ordinal));
            response.StatusCode = 202;
        }
        else if (!containers.TryGetValue(container, out var objects)) response.StatusCode = 404;
        else
        {
            var names = objects.Keys.Where(n => n.StartsWith(request.Query["prefix"].ToString(), StringComparison.Ordinal) && string.CompareOrdinal(n, request.Query["marker"].ToString()) > 0);
            await response.WriteAsJsonAsync(names.Take(int.Parse(request.Query["limit"].ToString())).Select(name => new { name }));
        }
    }

    async Task Object(HttpRequest request, HttpResponse response, string container, string name)
    {
        var objects = containers.GetValueOrDefault(container);
        switch (request.Method)
        {
            case "PUT" when objects is not null:
                var memory = new MemoryStream();
                await request.Body.CopyToAsync(memory);
                response.StatusCode = 201;
                manifests.TryRemove($"{container}/{name}", out _);
                if (request.Query["multipart-manifest"] != "put")
                {
                    objects[name] = memory.ToArray();
                    response.Headers.ETag = $"\"{Md5(objects[name])}\"";
                }
                else if (Parts(memory.ToArray()) is { } parts)
                {
                    objects[name] = [];
                    manifests[$"{container}/{name}"] = parts;
                }
                else response.StatusCode = 400;
                break;
            case "GET" when objects?.GetValueOrDefault(name) is { } bytes:
                if (manifests.TryGetValue($"{container}/{name}", out var listed)) bytes = [.. listed.SelectMany(p => Find(p)!)];
                var from = request.Headers.Range.ToString() is { Length: > 0 } range ? int.Parse(range["bytes=".Length..^1]) : 0;
                response.StatusCode = from == 0 ? 200 : from < bytes.Length ? 206 : 416;
                if (from > bytes.Length) break;
                response.ContentLength = bytes.Length - from;
                await response.Body.WriteAsync(bytes.AsMemory(from));
                break;
            case "DELETE" when objects?.Remove(name) == true:
                response.StatusCode = 204;
                break;
            default:
                response.StatusCode = 404;
                break;
        }
    }

    /// <summary>The parts a manifest lists; null unless each is there as it says.</summary>
    string[]? Parts(byte[] manifest)
    {
        var listed = JsonDocument.Parse(manifest).RootElement.EnumerateArray().Select(p => (Path: p.GetProperty("path").GetString()!, Etag: p.GetProperty("etag").GetString(), Size: p.GetProperty("size_bytes").GetInt64())).ToList();
        return listed.TrueForAll(p => Find(p.Path) is { } bytes && bytes.Length == p.Size && Md5(bytes) == p.Etag) ? [.. listed.Select(p => p.Path)] : null;
    }

    byte[]? Find(string path) => path.TrimStart('/').Split('/', 2) is [var container, var name] ? containers.GetValueOrDefault(container)?.GetValueOrDefault(name) : null;

    static string Md5(byte[] bytes) => Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.MD5, bytes));
}
