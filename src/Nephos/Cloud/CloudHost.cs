using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Api;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;
using Nephos.Link;
using Nephos.Logging;
using Nephos.Operators;
using Nephos.Roles;
using Nephos.Seed;
using Nephos.State;

namespace Nephos.Cloud;

/// <summary>The controller: every service behind one gateway, on the shared port, the classic ports and the unix socket of the node link.</summary>
sealed class CloudHost : IAsyncDisposable
{
    readonly WebApplication app;

    CloudHost(WebApplication app, IReadOnlyList<int> takenPorts) => (this.app, TakenPorts) = (app, takenPorts);

    /// <summary>Classic ports that somebody else has.</summary>
    public IReadOnlyList<int> TakenPorts { get; }

    /// <summary>The controllers' end of the node link, for a node in this process.</summary>
    public INodeLink Link => app.Services.GetRequiredService<INodeLink>();

    /// <summary>What it is made of, for tests that ask every route.</summary>
    public IServiceProvider Parts => app.Services;

    /// <summary>
    /// Builds, migrates, bootstraps identity if it is empty, and listens. Strict: a failure that a route does not declare counts as a bug.
    /// Tests may put something between the services by changing what was registered.
    /// </summary>
    public static async Task<CloudHost> Start(ControllerStart start, CancellationToken ct, bool strict = false, Action<IServiceCollection>? change = null)
    {
        var options = start.Options;
        var listen = IPEndPoint.Parse(options.Listen);
        var (classic, taken) = options.ClassicPorts ? ClassicPorts.On(listen.Address) : (new Dictionary<int, string>(), (IReadOnlyList<int>)[]);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "nephos", ContentRootPath = start.Folder });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, start, listen, classic));
        builder.WebHost.UseKestrelHttpsConfiguration();
        Directory.CreateDirectory(Path.Combine(start.Folder, "log"));
        builder.Logging.AddProvider(new JsonFileLogger(Path.Combine(start.Folder, "log", "controller.log"), TimeProvider.System))
            .SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddDatabase(DatabaseOf(start));
        builder.Services.AddApi(new ApiOptions
        {
            PublicUrl = options.PublicUrl,
            SharedPort = listen.Port,
            ClassicPorts = classic,
            TrustedProxies = [.. options.TrustedProxies.Select(p => p.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(p) : new IPNetwork(IPAddress.Parse(p), p.Contains(':', StringComparison.Ordinal) ? 128 : 32))],
            PolicyFolder = Path.Combine(options.Config, "policy"),
            LegacyRules = options.LegacyPolicy ? LegacyRules.Of : null,
            Strict = strict,
        });
        Services.Add(builder.Services, start);
        change?.Invoke(builder.Services);

        var app = builder.Build();
        try
        {
            var gateway = app.Services.GetRequiredService<Gateway>();
            Services.Map(app.Services);
            var health = app.Services.GetRequiredService<HealthStatus>();
            var metrics = app.Services.GetRequiredService<Metrics>();
            gateway.Plain("/healthz", http => http.Response.WriteHealth(health));
            gateway.Plain("/metrics", http => http.Response.WriteMetrics(metrics));
            // Only root and we get at the socket, so whoever speaks there may speak the node link and ask what operators ask.
            app.MapWhen(http => http.Connection.LocalPort == 0 && (http.Request.Path.StartsWithSegments("/link", StringComparison.Ordinal) || http.Request.Path.StartsWithSegments("/operators", StringComparison.Ordinal)), branch =>
                branch.UseRouting().UseEndpoints(routes =>
                {
                    routes.MapLink(app.Services.GetRequiredService<INodeLink>());
                    routes.MapOperators(app.Services.GetRequiredService<LoopRunner>(), gateway, app.Services.GetRequiredService<ITokens>(), app.Services.GetRequiredService<NodeOrphans>(),
                        app.Services.GetRequiredService<OperatorAudit>(), ct => StateKey.Rotate(start.Folder, app.Services.GetRequiredService<IStateKeys>(), ct));
                    routes.MapAudit(app.Services.GetRequiredService<IAuditTrail>());
                }));
            app.Run(gateway.Handle);

            await OwnDatabase.Prepare(app.Services, start);
            if (start.AdminPassword is { } password)
                await app.Services.GetRequiredService<IIdentityBootstrap>().Bootstrap(new IdentityBootstrap(password, Catalog.Region, Catalog.Services), ct);
            File.Delete(start.LinkSocket);
            await app.StartAsync(ct);
            return new CloudHost(app, taken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await app.StopAsync(limit.Token);
        await app.DisposeAsync();
    }

    static DatabaseOptions DatabaseOf(ControllerStart start) => start.Options.Database is { } url
        ? DatabaseOptions.FromUrl(url.Reveal())
        : new DatabaseOptions { SqlitePath = Path.Combine(start.Folder, "nephos.db"), Durable = !start.Options.Fake };

    static void Listen(KestrelServerOptions kestrel, ControllerStart start, IPEndPoint listen, IReadOnlyDictionary<int, string> classic)
    {
        kestrel.AddServerHeader = false;
        // JSON bodies are bounded by the pipeline with each service's own 413; images are not bounded.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MaxRequestLineSize = 64 << 10;
        kestrel.Limits.MaxRequestHeadersTotalSize = 64 << 10;
        kestrel.RequestHeaderEncodingSelector = _ => System.Text.Encoding.UTF8;
        var (certificate, chain) = (start.Certificate?.Load(), start.Certificate?.All());
        foreach (var port in classic.Keys.Prepend(listen.Port))
            kestrel.Listen(listen.Address, port, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                if (certificate is not null) endpoint.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = (certificate, chain));
            });
        kestrel.ListenUnixSocket(start.LinkSocket, endpoint => endpoint.Protocols = HttpProtocols.Http1);
    }
}
