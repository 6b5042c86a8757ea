using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Image.Web;
using Nephos.Testing;
using Xunit;

namespace Nephos.Image.Tests.Web;

public sealed class WebDownloadTests
{
    private static readonly byte[] Some = RandomNumberGenerator.GetBytes(200_000);

    /// <summary>Names of hosts, and where they are; everything is here, but only <c>inside</c> is a network we may fetch from.</summary>
    private static readonly HostLookup Names = (host, _) => host switch
    {
        "mirror.example" => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        "private.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Parse("169.254.169.254")]),
        "both.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]),
        _ => throw new SocketException(11001),
    };

    private static Task<ImageHost> Host(WebServer server, DatabaseKind kind = DatabaseKind.Sqlite, long most = 1 << 20) => ImageHost.Start(kind,
        options: o => o with { MaxImage = most, Web = new WebOptions { AllowedPorts = [server.Port], AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")], MaxRedirects = 3, Silence = TimeSpan.FromSeconds(20) } },
        services: s => s.AddSingleton(Names));

    private static async Task<(Reply Reply, string Image)> Import(ImageHost host, string uri, string? id = null)
    {
        id ??= await host.CreateRaw("x");
        var reply = await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, new { method = new { name = "web-download", uri } });
        await host.Settled(id);
        return (reply, id);
    }

    private static async Task<string> Why(ImageHost host, string id) => (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]![0]!["message"]!.ToString();

    [Theory, OnEachDatabase]
    public async Task An_image_is_fetched_by_its_url(DatabaseKind kind)
    {
        string? agent = null;
        await using var server = await WebServer.Start(http =>
        {
            agent = http.Request.Headers.UserAgent;
            return http.Response.Body.WriteAsync(Some).AsTask();
        });
        await using var host = await Host(server, kind);
        var (reply, id) = await Import(host, $"http://mirror.example:{server.Port}/x.img");
        Assert.Equal(202, reply.Status);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("active", "file", "200000"), (image["status"], image["stores"], image["size"]));
        Assert.Equal(Some, (await host.Get($"/v2/images/{id}/file")).Body);
        Assert.Equal("nephos", agent);
        Assert.Empty(host.Staged);
        var task = (await host.Get($"/v2/images/{id}/tasks")).Json["tasks"]![0]!;
        Assert.Equal(("success", "Copied 0 MiB"), (task["status"]!.ToString(), task["message"]!.ToString()));
        Assert.Equal(409, (await Import(host, $"http://mirror.example:{server.Port}/x.img", id)).Reply.Status);
    }

    [Fact]
    public async Task A_url_that_is_not_allowed_is_refused_at_once_and_never_asked()
    {
        var asked = 0;
        await using var server = await WebServer.Start(_ => { asked++; return Task.CompletedTask; });
        await using var host = await Host(server);
        var id = await host.CreateRaw("x");
        foreach (var url in (string[])[
            $"http://127.0.0.2:{server.Port}/", $"http://private.example:{server.Port}/", $"ftp://mirror.example:{server.Port}/",
            $"http://a:b@mirror.example:{server.Port}/", "http://mirror.example/", "nonsense", $"http://[::1]:{server.Port}/", $"http://0:{server.Port}/"])
        {
            var (reply, _) = await Import(host, url, id);
            Assert.Equal(400, reply.Status);
            Assert.Contains("does not pass filtering", reply.Text, StringComparison.Ordinal);
        }
        Assert.Equal(400, (await host.Send("POST", $"/v2/images/{id}/import", ImageHost.Alice, new { method = new { name = "web-download" } })).Status);
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_accepted_and_fails_as_any_server_that_is_away()
    {
        await using var server = await WebServer.Start(http => http.Response.Body.WriteAsync(Some).AsTask());
        await using var host = await Host(server);
        var (reply, id) = await Import(host, $"http://nowhere.example:{server.Port}/");
        Assert.Equal(202, reply.Status);
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(("queued", "file"), (image["status"], image["os_glance_failed_import"]));
        Assert.Contains("the host nowhere.example cannot be looked up", await Why(host, id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_addresses_only_an_allowed_one_is_connected_to()
    {
        IPAddress? at = null;
        await using var server = await WebServer.Start(http =>
        {
            at = http.Connection.LocalIpAddress;
            return http.Response.Body.WriteAsync(Some).AsTask();
        });
        await using var host = await Host(server);
        var (_, id) = await Import(host, $"http://both.example:{server.Port}/");
        Assert.Equal("active", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Equal(IPAddress.Loopback, at);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_after_the_check_is_not_followed()
    {
        await using var server = await WebServer.Start(http => http.Response.Body.WriteAsync(Some).AsTask());
        var looked = 0;
        HostLookup rebinding = (_, _) => Task.FromResult<IPAddress[]>([looked++ == 0 ? IPAddress.Loopback : IPAddress.Parse("127.0.0.2")]);
        await using var host = await ImageHost.Start(options: o => o with { Web = new WebOptions { AllowedPorts = [server.Port], AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")] } },
            services: s => s.AddSingleton(rebinding));
        var (reply, id) = await Import(host, $"http://mirror.example:{server.Port}/");
        Assert.Equal(202, reply.Status);
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Contains("no public address", await Why(host, id), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/there", null)]
    [InlineData("http://mirror.example:{port}/there", null)]
    [InlineData("http://127.0.0.2:{port}/there", "not public")]
    [InlineData("http://private.example:{port}/there", "no public address")]
    [InlineData("http://169.254.169.254/latest/meta-data", "does not pass filtering")]
    [InlineData("file:///etc/passwd", "does not pass filtering")]
    [InlineData("/", "redirected more than 3 times")]
    public async Task A_redirect_is_looked_at_like_the_first_url(string to, string? why)
    {
        WebServer? me = null;
        await using var server = me = await WebServer.Start(http =>
        {
            if (http.Request.Path == "/there") return http.Response.Body.WriteAsync(Some).AsTask();
            http.Response.StatusCode = 302;
            http.Response.Headers.Location = to.Replace("{port}", $"{me!.Port}", StringComparison.Ordinal);
            return Task.CompletedTask;
        });
        await using var host = await Host(server);
        var (_, id) = await Import(host, $"http://mirror.example:{server.Port}/");
        var image = await host.Get($"/v2/images/{id}");
        Assert.Equal(why is null ? "active" : "queued", image["status"]);
        if (why is null) return;
        Assert.Contains(why, await Why(host, id), StringComparison.Ordinal);
        Assert.Empty(host.Store.Data);
        Assert.Empty(host.Staged);
    }

    [Fact]
    public async Task What_is_missing_or_too_long_is_not_kept()
    {
        await using var server = await WebServer.Start(async http =>
        {
            switch (http.Request.Path)
            {
                case "/missing": http.Response.StatusCode = 404; break;
                // Says nothing of its length.
                case "/endless": while (true) await http.Response.Body.WriteAsync(Some, http.RequestAborted);
                case "/promised": http.Response.ContentLength = 1L << 40; await http.Response.Body.WriteAsync(Some, http.RequestAborted); await Task.Delay(Timeout.Infinite, http.RequestAborted); break;
            }
        });
        await using var host = await Host(server);
        var id = await host.CreateRaw("x");
        foreach (var (path, why) in ((string, string)[])[("missing", "answered 404"), ("endless", "too large"), ("promised", "too large")])
        {
            await Import(host, $"http://mirror.example:{server.Port}/{path}", id);
            Assert.Contains(why, await Why(host, id), StringComparison.Ordinal);
            Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
            Assert.Empty(host.Staged);
        }
    }

    [Fact]
    public async Task What_ends_before_its_promised_length_is_not_kept()
    {
        // Bare bytes and an orderly end: a web server's own abort may come before or after its headers.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var answering = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            var asked = new List<byte>();
            while (!asked.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray())) asked.Add((byte)stream.ReadByte());
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\nshort"u8.ToArray());
        });
        await using var host = await ImageHost.Start(options: o => o with { Web = new WebOptions { AllowedPorts = [port], AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")] } }, services: s => s.AddSingleton(Names));
        var (_, id) = await Import(host, $"http://mirror.example:{port}/");
        await answering;
        Assert.Contains("connection broke", await Why(host, id), StringComparison.Ordinal);
        Assert.Equal("queued", (await host.Get($"/v2/images/{id}"))["status"]);
        Assert.Empty(host.Staged);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reading_from_the_middle_works_with_and_without_ranges(bool ranges)
    {
        await using var server = await WebServer.Start(http =>
        {
            var from = ranges && http.Request.Headers.Range.ToString() is ['b', 'y', 't', 'e', 's', '=', .. var range] ? int.Parse(range.TrimEnd('-')) : 0;
            if (from > 0) http.Response.StatusCode = 206;
            http.Response.ContentLength = Some.Length - from;
            return http.Response.Body.WriteAsync(Some.AsMemory(from)).AsTask();
        });
        using var web = new WebReader(new WebOptions { AllowedPorts = [server.Port], AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8")] }, Names);
        var data = await web.Open($"http://127.0.0.1:{server.Port}/", 1000, CancellationToken.None);
        await using var bytes = data.Bytes;
        var copy = new MemoryStream();
        await bytes.CopyToAsync(copy);
        Assert.Equal(Some[1000..], copy.ToArray());
        Assert.Equal(Some.Length - 1000, data.Length);
    }
}
