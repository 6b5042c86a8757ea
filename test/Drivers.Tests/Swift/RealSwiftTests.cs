using System.Diagnostics;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Swift;
using Nephos.Testing;
using Xunit;

namespace Nephos.Drivers.Tests.Swift;

/// <summary>The store's promises, kept over a real Swift: those of the fake are thereby true.</summary>
public sealed class RealSwiftTests(RealSwift swift) : ImageStoreContract, IClassFixture<RealSwift>
{
    readonly string container = "c" + NewId.Hex();

    protected override Task<IImageStore> Open()
    {
        if (swift.Absent is { } why) Assert.Skip(why);
        return Task.FromResult<IImageStore>(new SwiftImageStore(new SwiftOptions
        {
            AuthUrl = swift.AuthUrl, AuthVersion = 1, User = "nephos", Project = "images", Key = new Secret("secret"), Container = container, PartSize = 1 << 20,
        }));
    }
}

/// <summary>One node of a real Swift on loopback, for the tests of a class.</summary>
public sealed class RealSwift : IAsyncLifetime
{
    static readonly string[] Needed = ["/usr/lib/python3/dist-packages/swift/__init__.py", "/usr/bin/memcached"];
    static readonly TimeSpan Most = TimeSpan.FromMinutes(5);
    readonly TempFolder folder = new();
    readonly Queue<string> said = [];
    Process? servers;

    /// <summary>Why there is none, or null.</summary>
    public string? Absent { get; private set; }

    public string AuthUrl { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (Needed.FirstOrDefault(p => !File.Exists(p)) is { } missing)
        {
            Absent = $"no real Swift: {missing} is not installed";
            return;
        }
        int[] ports = [.. Enumerable.Range(0, 5).Select(_ => FreePort.Next())];
        AuthUrl = $"http://127.0.0.1:{ports[0]}/auth/v1.0";
        servers = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Swift", "real_swift.py"), folder.Path, string.Join(',', ports)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        servers.OutputDataReceived += Said;
        servers.ErrorDataReceived += Said;
        servers.BeginOutputReadLine();
        servers.BeginErrorReadLine();
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
        for (var began = Stopwatch.StartNew(); began.Elapsed < Most && !servers.HasExited; await Task.Delay(100))
            if (await Answers(http)) return;
        string last;
        lock (said) last = string.Join('\n', said);
        await DisposeAsync();
        throw new InvalidOperationException("Swift is installed and does not answer. It said:\n" + last);
    }

    public async ValueTask DisposeAsync()
    {
        if (servers is not null)
        {
            // They end with their input; with this process too, whatever ends it.
            servers.StandardInput.Close();
            await servers.WaitForExitAsync();
            servers.Dispose();
            servers = null;
        }
        folder.Dispose();
    }

    /// <summary>An account is made with the first request about it, so all servers are asked.</summary>
    async Task<bool> Answers(HttpClient http)
    {
        try
        {
            using var login = new HttpRequestMessage(HttpMethod.Get, AuthUrl);
            login.Headers.Add("X-Auth-User", "images:nephos");
            login.Headers.Add("X-Auth-Key", "secret");
            using var token = await http.SendAsync(login);
            if (!token.IsSuccessStatusCode) return false;
            using var put = new HttpRequestMessage(HttpMethod.Put, token.Headers.GetValues("X-Storage-Url").First() + "/first/first") { Content = new ByteArrayContent([1]) };
            put.Headers.Add("X-Auth-Token", token.Headers.GetValues("X-Auth-Token"));
            using var container = new HttpRequestMessage(HttpMethod.Put, token.Headers.GetValues("X-Storage-Url").First() + "/first");
            container.Headers.Add("X-Auth-Token", token.Headers.GetValues("X-Auth-Token"));
            return (await http.SendAsync(container)).IsSuccessStatusCode && (await http.SendAsync(put)).IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { return false; }
    }

    void Said(object sender, DataReceivedEventArgs line)
    {
        lock (said)
        {
            if (line.Data is { } text) said.Enqueue(text);
            if (said.Count > 40) said.Dequeue();
        }
    }
}
