using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Api;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Testing;

namespace Nephos.Network.Tests;

/// <summary>Network alone behind Kestrel on a free port. A token is <c>project:role,role</c>: whoever says so is it.</summary>
internal sealed class NetworkCloud : IAsyncDisposable
{
    public const string Admin = "admin:admin,manager,member,reader", Demo = "demo:member,reader", Other = "other:member,reader", Reader = "demo:reader";
    private readonly WebApplication _app;
    private readonly TestDatabase _database;
    private readonly List<string> _bugs;

    private NetworkCloud(WebApplication app, TestDatabase database, List<string> bugs)
    {
        (_app, _database, _bugs) = (app, database, bugs);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First() + "/network/") };
    }

    public HttpClient Http { get; }
    public IServiceProvider Services => _app.Services;
    public INetworks Contract => Services.GetRequiredService<INetworks>();
    public NodeItems<NetworkDb> Items => Services.GetRequiredService<NodeItems<NetworkDb>>();

    public static async Task<NetworkCloud> Start(DatabaseKind kind = DatabaseKind.Sqlite)
    {
        var database = await TestDatabase.Create(kind);
        var bugs = new List<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(new BugLog(bugs));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(database.Database).AddSingleton(TimeProvider.System).AddSingleton<ITokens, Tokens>()
            .AddApi(new ApiOptions { Strict = true }).AddNetwork();
        // Loops run when a test says so.
        foreach (var hosted in builder.Services.Where(s => s.ServiceType == typeof(Microsoft.Extensions.Hosting.IHostedService) && s.ImplementationFactory is not null).ToList()) builder.Services.Remove(hosted);
        var app = builder.Build();
        await app.Services.MigrateAll();
        app.Services.MapNetwork();
        app.Run(app.Services.GetRequiredService<Gateway>().Handle);
        await app.StartAsync();
        return new(app, database, bugs);
    }

    public async Task<(int Status, JsonNode? Body)> Send(string token, string method, string path, object? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("X-Auth-Token", token);
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        lock (_bugs) Assert.Empty(_bugs);
        return ((int)response.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null);
    }

    /// <summary>Sends and expects a status; the body.</summary>
    public async Task<JsonNode> Ok(string token, string method, string path, object? body = null, int status = 0)
    {
        var (code, answer) = await Send(token, method, path, body);
        Assert.True(code == (status > 0 ? status : method switch { "POST" => 201, "DELETE" => 204, _ => 200 }), $"{method} {path}: {code} {answer}");
        return answer ?? new JsonObject();
    }

    /// <summary>Sends and expects a refusal of a type.</summary>
    public async Task<string> Refused(string token, string method, string path, object? body, int status, string type)
    {
        var (code, answer) = await Send(token, method, path, body);
        Assert.True(code == status && (string?)answer?["NeutronError"]?["type"] == type, $"{method} {path}: {code} {answer}");
        return (string)answer!["NeutronError"]!["message"]!;
    }

    public async Task<string> Create(string token, string kind, object body, string? plural = null) =>
        (string)(await Ok(token, "POST", $"v2.0/{plural ?? kind + "s"}", new Dictionary<string, object> { [kind] = body }))[kind]!["id"]!;

    /// <summary>A network with a subnet; their ids.</summary>
    public async Task<(string Network, string Subnet)> NetworkWith(string token, string cidr = "10.0.0.0/24")
    {
        var network = await Create(token, "network", new { name = "net" });
        var subnet = await Create(token, "subnet", new { network_id = network, cidr, ip_version = cidr.Contains(':', StringComparison.Ordinal) ? 6 : 4 });
        return (network, subnet);
    }

    /// <summary>An external flat network with a subnet, as an administrator makes it.</summary>
    public async Task<(string Network, string Subnet)> External(string cidr = "172.24.4.0/24")
    {
        var network = await Create(Admin, "network", new Dictionary<string, object> { ["name"] = "public", ["router:external"] = true, ["provider:network_type"] = "flat", ["provider:physical_network"] = "external" });
        return (network, await Create(Admin, "subnet", new { network_id = network, cidr, ip_version = 4, enable_dhcp = false }));
    }

    /// <summary>A router between a subnet and an external network; its id.</summary>
    public async Task<string> Router(string token, string external, string subnet)
    {
        var router = await Create(token, "router", new { name = "r", external_gateway_info = new { network_id = external } });
        await Ok(token, "PUT", $"v2.0/routers/{router}/add_router_interface", new { subnet_id = subnet });
        return router;
    }

    public async Task<Guid> Join(string host = "node-1", string address = "192.0.2.1")
    {
        var node = NewId.Uuid();
        foreach (var listener in Services.GetServices<INodeListener>())
            await listener.Joined(new NodeHello
            {
                Node = node, Cloud = "00000000", Host = host, BootId = "boot", Address = address, Release = "0",
                Hypervisor = null!, Switch = new SwitchFacts("neutron-linuxbridge-agent", "bridge", ["local", "flat", "vlan", "vxlan"], 1500),
            }, false, CancellationToken.None);
        await Settle();
        return node;
    }

    /// <summary>Runs the loops once.</summary>
    public async Task Settle()
    {
        foreach (var loop in Services.GetServices<Loop>()) await loop.Run(CancellationToken.None);
    }

    /// <summary>Plays a node that does all it is told at once.</summary>
    public async Task Obey(Guid node)
    {
        for (var round = 0; round < 2; round++)
        {
            await Settle();
            var (items, _) = await Items.Changes(node, 0);
            await Items.Observe(node, [.. items.Select(i => new Observed(i.Kind, i.Id, i.Generation, i.Wanted))]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    private sealed class Tokens : ITokens
    {
        public ValueTask<Caller?> Validate(string token, CancellationToken ct) => ValueTask.FromResult(token.Split(':') is [var project, var roles]
            ? new Caller { UserId = "user-" + project, UserName = project, UserDomainId = "default", ProjectId = project, Roles = roles.Split(','), ExpiresAt = DateTimeOffset.MaxValue } : null);
    }

    /// <summary>What a service logs as an error is a bug, and fails the test.</summary>
    private sealed class BugLog(List<string> bugs) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;
        public void Dispose() { }
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error) lock (bugs) bugs.Add(formatter(state, exception) + exception);
        }
    }
}
