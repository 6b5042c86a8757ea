using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nephos.Compute.Tests.Fakes;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Api;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Xunit;

namespace Nephos.Compute.Tests;

/// <summary>Compute over HTTP, with fakes of the services it asks and one simulated node.</summary>
internal sealed class TestCloud : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private TestCloud(TestDatabase database, WebApplication app)
    {
        (_database, _app) = (database, app);
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public IServiceProvider Services => _app.Services;
    public FakeNetworks Networks => Services.GetRequiredService<FakeNetworks>();
    public FakePlacement Placement => Services.GetRequiredService<FakePlacement>();
    public FakeImages Images => Services.GetRequiredService<FakeImages>();
    public SimulatedNode Node => Services.GetRequiredService<SimulatedNode>();
    public string Flavor { get; private set; } = "";

    public static async Task<TestCloud> Start(DatabaseKind kind = DatabaseKind.Sqlite)
    {
        var database = await TestDatabase.Create(kind);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var s = builder.Services;
        s.AddSingleton(database.Database).AddSingleton(TimeProvider.System);
        s.AddApi(new ApiOptions { Strict = true });
        s.AddSingleton<ITokens, FakeTokens>().AddSingleton<IIdentity, FakeIdentity>()
            .AddSingleton<FakePlacement>().AddSingleton<IPlacement>(p => p.GetRequiredService<FakePlacement>())
            .AddSingleton<FakeNetworks>().AddSingleton<INetworks>(p => p.GetRequiredService<FakeNetworks>())
            .AddSingleton<ISecurityGroups, FakeSecurityGroups>().AddSingleton<IFloatingIps, FakeFloatingIps>().AddSingleton<INetworkCatalog, FakeNetworkCatalog>()
            .AddSingleton<FakeImageCatalog>().AddSingleton<IImageCatalog>(p => p.GetRequiredService<FakeImageCatalog>())
            .AddSingleton<FakeImages>().AddSingleton<IImages>(p => p.GetRequiredService<FakeImages>())
            .AddSingleton(p => new SimulatedNode(p.GetRequiredService<NodeFeeds>(), p.GetServices<INodeListener>(), p.GetRequiredService<FakeImages>()))
            .AddSingleton<INodeQuestions>(p => p.GetRequiredService<SimulatedNode>());
        s.AddCompute();
        var app = builder.Build();
        await app.Services.MigrateAll();
        app.Services.MapCompute();
        app.Run(app.Services.GetRequiredService<Gateway>().Handle);
        await app.StartAsync();
        var cloud = new TestCloud(database, app);
        await cloud.Node.Start();
        cloud.Flavor = (await cloud.Send("admin", "POST", "/flavors", new { flavor = new { name = "m1.tiny", ram = 512, vcpus = 1, disk = 1 } }))["flavor"]["id"].Text;
        return cloud;
    }

    /// <summary>Sends and expects success.</summary>
    public async Task<Doc> Send(string token, string method, string path, object? body = null, string? version = null, string root = "/compute/v2.1")
    {
        using var answer = await Try(token, method, path, body, version, root);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return new Doc(text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>Sends and expects a failure with nova's body; its sentence.</summary>
    public async Task<string> Refused(HttpStatusCode status, string token, string method, string path, object? body = null, string? version = null)
    {
        using var answer = await Try(token, method, path, body, version);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{method} {path}: {(int)answer.StatusCode} {text}");
        var error = JsonDocument.Parse(text).RootElement.EnumerateObject().Single().Value;
        Assert.Equal((int)status, error.GetProperty("code").GetInt32());
        return error.GetProperty("message").GetString()!;
    }

    public async Task<HttpResponseMessage> Try(string? token, string method, string path, object? body = null, string? version = null, string root = "/compute/v2.1")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), root + path);
        if (token is not null) request.Headers.Add("X-Auth-Token", token);
        if (version is not null) request.Headers.Add("OpenStack-API-Version", "compute " + version);
        if (body is not null) request.Content = JsonContent.Create(body);
        var answer = await _http.SendAsync(request);
        Assert.True((int)answer.StatusCode < 500 || (int)answer.StatusCode is 501 or 503, $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer;
    }

    /// <summary>Asks for a server and waits until it is settled.</summary>
    public async Task<Guid> Boot(string token = "demo", object? server = null, string status = "ACTIVE", string? version = null)
    {
        var made = await Send(token, "POST", "/servers", new { server = server ?? new { name = "vm", imageRef = Images.Cirros.Id, flavorRef = Flavor } }, version);
        var id = Guid.Parse(made["server"]["id"].Text);
        await Until(id, status, token);
        return id;
    }

    /// <summary>Waits for a status.</summary>
    public async Task<Doc> Until(Guid id, string status, string token = "demo")
    {
        for (var i = 0; i < 2400; i++)
        {
            var server = (await Send(token, "GET", $"/servers/{id}", version: "2.93"))["server"];
            if (server["status"].Text == status && (status == "ERROR" || server["OS-EXT-STS:task_state"].IsNull)) return server;
            await Task.Delay(25);
        }
        throw new TimeoutException($"The server is not {status}: {await Send(token, "GET", $"/servers/{id}")}");
    }

    /// <summary>Waits until a server is gone.</summary>
    public async Task UntilGone(Guid id, string token = "demo")
    {
        for (var i = 0; i < 2400; i++)
        {
            using var answer = await Try(token, "GET", $"/servers/{id}");
            if (answer.StatusCode == HttpStatusCode.NotFound) return;
            await Task.Delay(25);
        }
        throw new TimeoutException("The server does not go.");
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }
}

/// <summary>A JSON answer that is easy to look into.</summary>
internal readonly record struct Doc(JsonElement Json)
{
    public Doc this[string name] => new(Json.GetProperty(name));
    public Doc this[int index] => new(Json[index]);
    public bool Has(string name) => Json.TryGetProperty(name, out _);
    public string Text => Json.GetString()!;
    public int Number => Json.GetInt32();
    public bool IsNull => Json.ValueKind == JsonValueKind.Null;
    public int Count => Json.GetArrayLength();
    public IEnumerable<Doc> Items => Json.EnumerateArray().Select(e => new Doc(e));
    public IEnumerable<string> Names => Json.EnumerateObject().Select(p => p.Name);
    public override string ToString() => Json.ValueKind == JsonValueKind.Undefined ? "" : Json.GetRawText();
}
