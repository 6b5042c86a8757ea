using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Testing;

namespace Nephos.Placement.Tests;

/// <summary>The placement service on a port of its own, over an empty database.</summary>
internal sealed class PlacementHost : IAsyncDisposable
{
    public const string Admin = "root:admin", Reader = "alice:reader";

    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private PlacementHost(TestDatabase database, WebApplication app)
    {
        (_database, _app) = (database, app);
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public IPlacement Placement => _app.Services.GetRequiredService<IPlacement>();
    public PlacementDb Db => _app.Services.GetRequiredService<PlacementDb>();

    public static async Task<PlacementHost> Start(DatabaseKind kind = DatabaseKind.Sqlite)
    {
        var database = await TestDatabase.Create(kind);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(database.Database).AddSingleton(TimeProvider.System).AddSingleton<ITokens, FakeTokens>();
        builder.Services.AddApi(new ApiOptions { Strict = true });
        builder.Services.AddPlacement();
        var app = builder.Build();
        await app.Services.MigrateAll();
        app.Services.MapPlacement();
        app.Run(app.Services.GetRequiredService<Gateway>().Handle);
        await app.StartAsync();
        return new PlacementHost(database, app);
    }

    public async Task<Reply> Send(string method, string path, object? body = null, string version = "1.39", string? token = Admin)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "placement" + path);
        if (token is not null) request.Headers.Add("X-Auth-Token", token);
        request.Headers.Add("OpenStack-API-Version", "placement " + version);
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Reply((int)response.StatusCode, await response.Content.ReadAsStringAsync(), headers);
    }

    public Task<Reply> Get(string path, string version = "1.39") => Send("GET", path, null, version);

    /// <summary>A provider with inventories of totals by class.</summary>
    public async Task<string> Provider(string name, object inventories, string? parent = null)
    {
        var made = await Send("POST", "/resource_providers", new { name, parent_provider_uuid = parent });
        var id = made["uuid"]!;
        var totals = JsonSerializer.SerializeToNode(inventories)!.AsObject();
        foreach (var (key, value) in totals.ToList()) if (value is JsonValue number) totals[key] = new JsonObject { ["total"] = number.DeepClone() };
        var set = await Send("PUT", $"/resource_providers/{id}/inventories", new { resource_provider_generation = 0, inventories = totals });
        return set.Status == 200 ? id : throw new InvalidOperationException(set.Text);
    }

    public async Task SetTraits(string id, params string[] traits)
    {
        foreach (var custom in traits.Where(t => t.StartsWith("CUSTOM_", StringComparison.Ordinal))) await Send("PUT", "/traits/" + custom);
        var generation = (await Get($"/resource_providers/{id}")).Json["generation"]!.GetValue<long>();
        var set = await Send("PUT", $"/resource_providers/{id}/traits", new { resource_provider_generation = generation, traits });
        if (set.Status != 200) throw new InvalidOperationException(set.Text);
    }

    public async Task SetAggregates(string id, params Guid[] aggregates)
    {
        var generation = (await Get($"/resource_providers/{id}")).Json["generation"]!.GetValue<long>();
        var set = await Send("PUT", $"/resource_providers/{id}/aggregates", new { resource_provider_generation = generation, aggregates });
        if (set.Status != 200) throw new InvalidOperationException(set.Text);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>A token is <c>project:role,role</c>.</summary>
    private sealed class FakeTokens : ITokens
    {
        public ValueTask<Caller?> Validate(string token, CancellationToken ct) => new(token.Split(':') is not [var project, var roles] ? null : new Caller
        {
            UserId = "u-" + project, UserName = project, UserDomainId = "default", ProjectId = project, Roles = roles.Split(','), ExpiresAt = DateTimeOffset.MaxValue,
        });
    }
}

internal sealed record Reply(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;
    public string? this[string member] => Json[member]?.ToString();
    public JsonNode Error => Json["errors"]![0]!;
    public string? Code => Error["code"]?.ToString();
}
