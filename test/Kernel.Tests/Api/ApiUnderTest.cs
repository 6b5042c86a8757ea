using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Kernel.Api;

namespace Nephos.Kernel.Tests.Api;

/// <summary>A gateway on a free port with the services a test gives, and tokens that are names of callers.</summary>
internal sealed class ApiUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiUnderTest(WebApplication app, Uri root) => (_app, Client) = (app, new HttpClient { BaseAddress = root });

    public HttpClient Client { get; }
    public ApiMetrics Metrics => _app.Services.GetRequiredService<ApiMetrics>();

    public static Task<ApiUnderTest> Start(params ServiceApi[] services) => Start(null, services);

    public static async Task<ApiUnderTest> Start(IAuditTrail? trail, params ServiceApi[] services)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http1));
        builder.Services.AddLogging().AddSingleton(TimeProvider.System).AddSingleton<ITokens, NamedTokens>().AddApi(new ApiOptions { Strict = true });
        if (trail is not null) builder.Services.AddSingleton(trail);
        var app = builder.Build();
        var gateway = app.Services.GetRequiredService<Gateway>();
        foreach (var service in services) gateway.Mount(service);
        app.Run(gateway.Handle);
        await app.StartAsync();
        return new ApiUnderTest(app, new Uri(app.Urls.Single()));
    }

    public async Task<(HttpResponseMessage Response, string Body)> Send(string method, string path, string? token = null, string? body = null, params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Client.BaseAddress!, path));
        if (token is not null) request.Headers.Add("X-Auth-Token", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = new StringContent(body, null, "application/json");
        var response = await Client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class NamedTokens : ITokens
    {
        public ValueTask<Caller?> Validate(string token, CancellationToken ct) => new(token.Split(':') is [var project, var role] ? new Caller
        {
            UserId = "u-" + project, UserName = project, UserDomainId = "default", ProjectId = project, Roles = [role], ExpiresAt = DateTimeOffset.MaxValue,
        } : null);
    }
}
