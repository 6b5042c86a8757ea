using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Nephos.Client;
using Nephos.State;
using Nephos.Testing;


namespace Nephos.Tests.Crash;

/// <summary>A cloud that is started, used through its API, killed and started again.</summary>
internal sealed class CrashWorld(string state, Books books, Census before) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly CancellationToken ct = CancellationToken.None;
    private readonly int port = FreePort.Next();
    private NephosProcess? process;
    private string image = "", network = "";

    public string State => state;
    public Books Books => books;
    public Census Look() => Census.Of(state, books);
    public CloudClient Client { get; private set; } = null!;
    public string Network => network;
    public string Image => image;
    public string Url => $"http://127.0.0.1:{port}";

    private string Order => Path.Combine(state, "die-here");

    /// <summary>Starts the program.</summary>
    public async Task Start(string? bootId = null)
    {
        await Kill();
        var environment = new Dictionary<string, string> { ["NEPHOS_CRASH"] = "@" + Order, ["NEPHOS_BOOT_ID"] = bootId ?? "first" };
        Configure();
        string[] database = books.Url is { } url ? ["--database", url] : [];
        process = await NephosProcess.Start(["up", "--fake", "--state", state, "--listen", $"127.0.0.1:{port}", "--no-classic-ports", "--config", Path.Combine(state, "etc"), .. database], Url, environment);
        if (File.Exists(Path.Combine(state, "seeded"))) await LogIn();
    }

    /// <summary>Images may lie on web servers, this host's too.</summary>
    private void Configure()
    {
        var folder = Directory.CreateDirectory(Path.Combine(state, "etc")).FullName;
        File.WriteAllText(Path.Combine(folder, "image.conf"), $"""
            [DEFAULT]
            enabled_backends = file:file, web:http
            [file]
            filesystem_store_datadir = {Path.Combine(state, "controller", "images")}
            [import_filtering_opts]
            allowed_networks = 127.0.0.0/8
            allowed_ports =
            """);
    }

    /// <summary>Orders the running program to die at a point.</summary>
    public void Arm(CrashCase at)
    {
        File.WriteAllText(Order + ".new", at.ToString());
        File.Move(Order + ".new", Order);
    }

    /// <summary>From now on the pretended host fails at a verb; null: at none.</summary>
    public void Fail(string? verb)
    {
        var file = Path.Combine(state, "node", "pretended-failures");
        if (verb is null) File.Delete(file);
        else File.WriteAllText(file, verb);
    }

    /// <summary>The controller alone: the node stays away.</summary>
    public async Task StartController(string start)
    {
        await Kill();
        process = await NephosProcess.Start(["controller"], Url, new Dictionary<string, string>(), start);
        await LogIn();
    }

    public int Port => port;

    public async Task LogIn()
    {
        Client?.Dispose();
        Client = new CloudClient(new HttpClient { BaseAddress = new Uri(Url + "/"), Timeout = TimeSpan.FromSeconds(30) });
        var password = File.ReadLines(Path.Combine(state, "demo-openrc")).First(l => l.StartsWith("export OS_PASSWORD=", StringComparison.Ordinal)).Split('\'')[1];
        await Client.LogIn("demo", password, "demo", ct);
        network = (await Client.Find("network/v2.0/networks?name=private", "networks", _ => true, ct))!["id"]!.GetValue<string>();
        image = (await Client.Find("image/v2/images?name=guest", "images", _ => true, ct))!["id"]!.GetValue<string>();
    }

    public Task Died() => process!.Died(Patience);

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task Kill()
    {
        if (process is null) return;
        await process.DisposeAsync();
        process = null;
    }

    /// <summary>Asks for something; the program may die before it answers.</summary>
    public async Task Ask(Func<Task> request)
    {
        try { await request(); }
        catch (Exception e) when (e is HttpRequestException or IOException) { await process!.Died(Patience); }
    }

    public Task CreateServer(string name) => Client.Post("compute/v2.1/servers", new JsonObject
    {
        ["server"] = new JsonObject { ["name"] = name, ["flavorRef"] = "1", ["imageRef"] = image, ["networks"] = new JsonArray(new JsonObject { ["uuid"] = network }) },
    }, ct);

    public async Task<IReadOnlyList<JsonObject>> Servers() => [.. (await Client.Get("compute/v2.1/servers/detail", ct))["servers"]!.AsArray().Select(s => s!.AsObject())];

    public async Task<JsonObject?> Server() => await Servers() is [var first, ..] ? first : null;

    public async Task<string> ServerPath() => $"compute/v2.1/servers/{(await Server())!["id"]}";

    public async Task DeleteServer() => await Client.Delete(await ServerPath(), ct);

    public async Task Act(string action, JsonNode? arguments = null) => await Client.Post($"{await ServerPath()}/action", new JsonObject { [action] = arguments }, ct);

    /// <summary>Waits until no operation is under way, no tombstone is open, and no server is on its way somewhere.</summary>
    public async Task Settled()
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            IReadOnlyList<string> open = [.. Look().Unfinished, .. (await Servers()).Where(OnItsWay).Select(s => $"server {s["status"]}, {s["OS-EXT-STS:task_state"]}")];
            if (open.Count == 0) return;
            if (Stopwatch.GetElapsedTime(start) > Patience) throw new TimeoutException("Not at rest: " + string.Join("; ", open));
            await Task.Delay(50, ct);
        }
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task Until(Func<Task<bool>> holds, string what, double seconds = 60)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > seconds) throw new TimeoutException(what);
            await Task.Delay(50);
        }
    }

    /// <summary>Removes what a case made, and finds nothing left of it.</summary>
    public async Task Clean()
    {
        foreach (var server in await Servers()) await Client.Delete($"compute/v2.1/servers/{server["id"]}", ct);
        await Until(async () => (await Servers()).Count == 0, "A deleted server does not go.");
        foreach (var made in (await Client.Get($"image/v2/images?owner={Client.ProjectId}", ct))["images"]!.AsArray()) await Client.Delete($"image/v2/images/{made!["id"]}", ct);
        await Settled();
        IReadOnlyList<string> left = [];
        try { await Until(() => Task.FromResult((left = Look().Differs(before)).Count == 0), "", seconds: 5); }
        catch (TimeoutException) { throw new InvalidOperationException("Left behind: " + string.Join("; ", left)); }
    }

    /// <summary>The last errors in its logs, for a failed test.</summary>
    public string Errors() => string.Join('\n', new[] { "controller/log/controller.log", "log/node.log" }.Select(f => Path.Combine(state, f)).Where(File.Exists)
        .SelectMany(f => File.ReadLines(f).Where(l => l.Contains("\"level\":\"error\"", StringComparison.Ordinal)).TakeLast(3)));

    public async Task<HttpStatusCode> StatusOf(Func<Task> request)
    {
        try { await request(); }
        catch (CloudRefused refused) { return refused.Status; }
        return HttpStatusCode.OK;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        Client?.Dispose();
        var folder = new StateFolder(state);
        if (folder.Exists && Directory.Exists(folder.Run)) Directory.Delete(folder.Run, recursive: true);
    }

    private static bool OnItsWay(JsonObject server) => server["status"]!.GetValue<string>() is "BUILD" || server["OS-EXT-STS:task_state"] is not null;
}
