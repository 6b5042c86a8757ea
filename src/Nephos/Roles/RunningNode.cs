using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nephos.Cloud;
using Nephos.Contracts.Link;
using Nephos.Logging;
using Nephos.Node;

namespace Nephos.Roles;

/// <summary>A node at work: loops that ask the controller and act through the drivers, and a web server that only guests reach.</summary>
sealed class RunningNode : IAsyncDisposable
{
    readonly WebApplication app;

    RunningNode(WebApplication app) => this.app = app;

    public static async Task<RunningNode> Start(NodeStart start, INodeLink link, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "nephos-node", ContentRootPath = start.Folder });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenForGuests();
        });
        builder.Logging.AddProvider(new JsonFileLogger(Path.Combine(start.LogFolder, "node.log"), TimeProvider.System))
            .SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(link);
        NodeParts.Add(builder.Services, start);
        var app = builder.Build();
        app.Run(http =>
        {
            if (http.IsFromGuest()) return http.AnswerGuest();
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await app.StartAsync(ct);
        return new RunningNode(app);
    }

    /// <summary>Stops the loops. Guests and DHCP servers go on.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await app.StopAsync(limit.Token);
        await app.DisposeAsync();
    }
}
