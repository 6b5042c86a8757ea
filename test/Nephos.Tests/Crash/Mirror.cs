using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Nephos.Tests.Crash;

/// <summary>A web server with an image's data, which outlives the cloud. There is one, from its first use to the end of all tests.</summary>
internal static class Mirror
{
    private static readonly byte[] Bytes = new byte[4096];
    private static readonly Lazy<Task<string>> Started = new(Start);

    public static Task<string> Url => Started.Value;

    public static string Hash { get; } = Convert.ToHexStringLower(SHA512.HashData(Bytes));

    private static async Task<string> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async http =>
        {
            http.Response.ContentLength = Bytes.Length;
            if (http.Request.Method == "GET") await http.Response.Body.WriteAsync(Bytes);
        });
        await app.StartAsync();
        return app.Urls.First() + "/image";
    }
}
