using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Http;
using Nephos.Image.Images;
using Nephos.Image.Web;
using Nephos.Testing;

namespace Nephos.Image.Tests.Web;

/// <summary>A web server that keeps images' data, and a cloud that may read there.</summary>
internal static class Mirrors
{
    internal static readonly byte[] Bytes = RandomNumberGenerator.GetBytes(300_000);
    internal static readonly string Hash = Convert.ToHexStringLower(SHA512.HashData(Bytes));

    internal static readonly HostLookup Names = (host, _) => host switch
    {
        "mirror.example" => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        "private.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Parse("169.254.169.254")]),
        _ => throw new SocketException(11001),
    };

    internal static Task<ImageHost> Host(WebServer server, DatabaseKind kind = DatabaseKind.Sqlite, Func<ImageOptions, ImageOptions>? more = null, bool http = true) => ImageHost.Start(kind,
        o =>
        {
            var web = new WebOptions { AllowedPorts = [server.Port], AllowedNetworks = [IPNetwork.Parse("127.0.0.1/32")], MaxRedirects = 3, Silence = TimeSpan.FromMinutes(1) };
            o = o with { ShowLocations = true, ShowDirectUrl = true, Counts = new CountOptions { Locations = 3 }, Web = web };
            return more is null ? o : more(o);
        },
        s =>
        {
            s.AddSingleton(Names);
            if (http) s.AddSingleton(new NamedStore("web", new HttpImageStore()));
        });

    /// <summary>Serves files, with ranges; <c>/away</c> leads to a host inside.</summary>
    internal static Task<WebServer> Mirror(Func<byte[]>? data = null, ConcurrentQueue<string>? asked = null) => WebServer.Start(async http =>
    {
        asked?.Enqueue(http.Request.Method + " " + http.Request.Path + http.Request.Headers.Range);
        if (http.Request.Path == "/away")
        {
            http.Response.Redirect($"http://private.example:{http.Connection.LocalPort}/x");
            return;
        }
        if (http.Request.Path == "/gone")
        {
            http.Response.StatusCode = 404;
            return;
        }
        var bytes = (data ?? (() => Bytes))();
        if (http.Request.Headers.Range is [{ } range])
        {
            var from = int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
            http.Response.StatusCode = 206;
            bytes = bytes[from..];
        }
        http.Response.ContentLength = bytes.Length;
        if (http.Request.Method != "HEAD") await http.Response.Body.WriteAsync(bytes);
    });
}
