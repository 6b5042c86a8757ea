using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Client;
using Nephos.Cloud;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Roles;
using Nephos.Seed;
using Nephos.State;
using Nephos.Testing;
using Xunit;

namespace Nephos.Tests.Cloud;

/// <summary>The whole controller and a node that pretends, in the test's process, seeded, with callers of every kind and one thing of most kinds.</summary>
public class CloudUnderTest : IAsyncLifetime
{
    readonly TempFolder temp = new();
    CloudHost? host;
    RunningNode? node;
    HttpClient? http;
    CloudClient? admin;

    internal IReadOnlyList<ServiceApi> Services => [.. Host.Parts.GetRequiredService<Gateway>().Services.OrderBy(s => s.Type, StringComparer.Ordinal)];
    internal ApiMetrics Metrics => Host.Parts.GetRequiredService<ApiMetrics>();
    internal string Url { get; private set; } = "";
    /// <summary>Where the node link and the operators' commands are answered.</summary>
    internal string Socket { get; private set; } = "";
    /// <summary>Tokens by persona; that of a stranger is null.</summary>
    internal IReadOnlyDictionary<Persona, string?> Tokens { get; private set; } = new Dictionary<Persona, string?>();
    internal string ProjectA { get; private set; } = "";
    internal string ProjectB { get; private set; } = "";
    /// <summary>The user behind <see cref="Persona.Member"/>.</summary>
    internal string MemberId { get; private set; } = "";
    /// <summary>What belongs to project A.</summary>
    internal Things Things { get; } = new();

    internal IServiceProvider Parts => Host.Parts;
    /// <summary>Classic ports that somebody else has.</summary>
    internal IReadOnlyList<int> TakenPorts => Host.TakenPorts;

    /// <summary>All that the controller and the node have logged so far.</summary>
    internal string Logged() => string.Concat(Directory.EnumerateFiles(temp["state"], "*.log*", SearchOption.AllDirectories).Select(path =>
    {
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return file.ReadToEnd();
    }));

    /// <summary>Changes how services reach each other.</summary>
    private protected virtual void Change(IServiceCollection services) { }

    /// <summary>Changes how it is started.</summary>
    private protected virtual NephosOptions Change(NephosOptions options) => options;

    CloudHost Host => host ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        // Hashes that cost little: there are many users.
        Directory.CreateDirectory(temp["etc"]);
        await File.WriteAllTextAsync(Path.Combine(temp["etc"], "identity.conf"), "[identity]\npassword_hash_rounds = 1000\n", ct);
        var options = Change(new NephosOptions { State = temp["state"], Config = temp["etc"], Listen = $"127.0.0.1:{FreePort.Next()}", ClassicPorts = false, Fake = true });
        var folder = new StateFolder(options.State);
        folder.Create();
        var credentials = Credentials.Of(folder);
        host = await CloudHost.Start(new ControllerStart(options, folder.CloudId, folder.Controller, folder.LinkSocket, credentials.Admin, null, OperatorSettings.Read(options)), ct, strict: true, Change);
        node = await RunningNode.Start(new NodeStart(options, folder.CloudId, folder.Node, folder.Run, folder.Log, null, null), host.Link, ct);
        (Url, Socket) = ($"http://{options.Listen}/", folder.LinkSocket);
        http = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(60) };
        admin = new CloudClient(new HttpClient { BaseAddress = new Uri(Url) });
        await new Seeder(admin, options, credentials).Run(ct);
        await admin.LogIn("admin", credentials.Admin.Reveal(), "admin", ct);
        var personas = new Personas(admin, http);
        (Tokens, ProjectA, ProjectB) = await personas.Make(ct);
        MemberId = personas.Users[Persona.Member];
        await Things.Make(this, personas, ct);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        admin?.Dispose();
        http?.Dispose();
        if (node is not null) await node.DisposeAsync();
        if (host is not null) await host.DisposeAsync();
        temp.Dispose();
    }

    /// <summary>Who the tokens say they are.</summary>
    internal async Task<IReadOnlyDictionary<Persona, Caller>> Callers()
    {
        var tokens = Host.Parts.GetRequiredService<ITokens>();
        var callers = new Dictionary<Persona, Caller>();
        foreach (var (persona, token) in Tokens)
            if (token is not null) callers[persona] = await tokens.Validate(token, TestContext.Current.CancellationToken) ?? throw new InvalidOperationException($"{persona} has no valid token.");
        return callers;
    }

    /// <summary>Sends a request whose path goes out exactly as written.</summary>
    internal async Task<Reply> Send(Persona who, string method, string path, string? body = null, string? version = null, string type = "application/json")
    {
        var exact = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Url + path.TrimStart('/'), exact));
        if (Tokens[who] is { } token) request.Headers.Add("X-Auth-Token", token);
        if (version is not null) request.Headers.Add("OpenStack-API-Version", version);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        using var response = await http!.SendAsync(request, TestContext.Current.CancellationToken);
        return new Reply((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync());
    }

    internal async Task<JsonObject> Json(Persona who, string method, string path, JsonNode? body = null)
    {
        var reply = await Send(who, method, path, body?.ToJsonString(), path.StartsWith("compute/", StringComparison.Ordinal) ? "compute 2.93" : null);
        Assert.True(reply.Status < 400, $"{method} {path}: {reply.Status} {reply.Body}");
        return reply.Body.Length == 0 ? [] : JsonNode.Parse(reply.Body)!.AsObject();
    }
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Reply(int Status, string Type, string Body);
