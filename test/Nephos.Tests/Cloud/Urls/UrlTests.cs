using System.Security.Cryptography;
using Xunit;

namespace Nephos.Tests.Cloud.Urls;

/// <summary>Whatever name, port and path clients know a cloud by, no link leads them off it.</summary>
public sealed class UrlTests(UrlTests.PublicCloud named, UrlTests.ForwardedCloud forwarded) : IClassFixture<UrlTests.PublicCloud>, IClassFixture<UrlTests.ForwardedCloud>
{
    const string Public = "https://cloud.example:8443/some/cloud";

    /// <summary>Told its public URL.</summary>
    public sealed class PublicCloud : CloudUnderTest
    {
        private protected override NephosOptions Change(NephosOptions options) => options with { PublicUrl = Public };
    }

    /// <summary>Believes a proxy on this host, and has the classic ports, on an address that nobody else has.</summary>
    public sealed class ForwardedCloud : CloudUnderTest
    {
        private protected override NephosOptions Change(NephosOptions options) => options with
        {
            Listen = $"127.{RandomNumberGenerator.GetInt32(1, 255)}.{RandomNumberGenerator.GetInt32(256)}.{RandomNumberGenerator.GetInt32(1, 255)}:8700",
            ClassicPorts = true,
            TrustedProxies = ["127.0.0.0/8"],
        };
    }

    [Fact]
    public Task Links_stay_below_the_public_URL() => Walk(named, type => $"{Public}/{type}", url => Behind(named, Public, url));

    [Fact]
    public Task Links_stay_where_a_trusted_proxy_says_the_request_was_sent() => Walk(forwarded, type => $"{Public}/{type}", url =>
    {
        var request = Behind(forwarded, Public, url);
        request?.Headers.Add("X-Forwarded-Proto", "https");
        request?.Headers.Add("X-Forwarded-Host", "cloud.example:8443");
        request?.Headers.Add("X-Forwarded-Prefix", "/some/cloud");
        return request;
    });

    [Fact]
    public Task Links_stay_on_the_shared_port() => Walk(forwarded, type => forwarded.Url + type, url => Behind(forwarded, forwarded.Url.TrimEnd('/'), url));

    [Fact]
    public Task Links_stay_on_a_classic_port()
    {
        var host = forwarded.Url.Split(':')[1];
        var ports = forwarded.Services.SelectMany(s => s.ClassicPorts.Take(1).Select(p => (s.Type, Port: p))).Where(s => !forwarded.TakenPorts.Contains(s.Port)).ToDictionary(s => s.Type, s => $"http:{host}:{s.Port}");
        Assert.NotEmpty(ports);
        return Walk(forwarded, type => ports.GetValueOrDefault(type) ?? forwarded.Url + type,
            url => ports.Values.Any(own => url == own || url.StartsWith(own + "/", StringComparison.Ordinal)) ? new(HttpMethod.Get, url) : Behind(forwarded, forwarded.Url.TrimEnd('/'), url));
    }

    static async Task Walk(CloudUnderTest cloud, Func<string, string> baseOf, Func<string, HttpRequestMessage?> reach)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler);
        var walk = new LinkWalk(http, cloud.Tokens[Persona.Admin]!, baseOf, reach);
        await walk.Run(cloud.Services);
        Assert.True(walk.Wrong.Count == 0, string.Join('\n', walk.Wrong.Take(30)));
        foreach (var paged in (string[])["compute/v2.1/flavors", "image/v2/images", "network/v2.0/security-group-rules"])
        {
            var list = baseOf(paged.Split('/')[0]) + paged[paged.IndexOf('/', StringComparison.Ordinal)..];
            Assert.True(walk.Seen.Count(u => u.StartsWith(list + "?", StringComparison.Ordinal) && u.Contains("marker=", StringComparison.Ordinal)) >= 2, $"{list} has no third page");
        }
    }

    /// <summary>What arrives when a proxy strips what is public of a URL; null for a URL that would not come by it.</summary>
    static HttpRequestMessage? Behind(CloudUnderTest cloud, string publicRoot, string url) =>
        url.StartsWith(publicRoot + "/", StringComparison.Ordinal) ? new(HttpMethod.Get, cloud.Url + url[(publicRoot.Length + 1)..]) : null;
}
