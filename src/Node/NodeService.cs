using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Node.Compute;
using Nephos.Node.Metadata;
using Nephos.Node.Network;
using Nephos.Node.Storage;

namespace Nephos.Node;

/// <summary>
/// The two doors of the node. The drivers (<c>Contracts.Drivers</c>) and the link (<see cref="Contracts.Link.INodeLink"/>) are registered
/// by the host.
/// </summary>
public static class NodeService
{
    /// <summary>Registers the node's loops.</summary>
    public static IServiceCollection AddNode(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options)
        .AddSingleton<DesiredItems>()
        .AddSingleton<Reports>()
        .AddSingleton<ServerRecords>()
        .AddSingleton<BaseCache>()
        .AddSingleton<GuestBuilder>()
        .AddSingleton<NetworkLoop>()
        .AddSingleton<ServerLoop>()
        .AddSingleton<Orphans>()
        .AddSingleton<Questions>()
        .AddSingleton<NamespaceTransport>()
        .AddSingleton<IConnectionListenerFactory>(s => s.GetRequiredService<NamespaceTransport>())
        .AddSingleton<MetadataListeners>()
        .AddSingleton<MetadataProxy>()
        .AddHostedService<NodeAgent>();

    /// <summary>Opens the web server's door for guests of all namespaces.</summary>
    public static void ListenForGuests(this KestrelServerOptions kestrel) => kestrel.Listen(new NamespaceEndPoint());

    /// <summary>True if a request came from a guest; such a request gets <see cref="AnswerGuest"/> and nothing else.</summary>
    public static bool IsFromGuest(this HttpContext http) => http.Features.Get<INamespaceFeature>() is not null;

    /// <summary>Answers a guest's metadata request.</summary>
    public static Task AnswerGuest(this HttpContext http) => http.RequestServices.GetRequiredService<MetadataProxy>().Handle(http);
}
