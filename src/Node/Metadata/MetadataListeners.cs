using System.Net;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;

namespace Nephos.Node.Metadata;

/// <summary>Listens for metadata requests in every DHCP namespace (on 169.254.169.254:80) and every router namespace (port 9697, to which the router redirects).</summary>
internal sealed class MetadataListeners(INamespaces namespaces, NamespaceTransport transport)
{
    private static readonly IPEndPoint InDhcp = new(IPAddress.Parse("169.254.169.254"), 80);
    private static readonly IPEndPoint InRouter = new(IPAddress.Any, 9697);

    /// <summary>Opens what is missing and closes what is gone. A namespace that is not there yet is tried again at the next call.</summary>
    public void Listen(IReadOnlyList<NodeItem> dhcp, IReadOnlyList<NodeItem> routers)
    {
        var wanted = dhcp.Where(i => i.Wanted).Select(i => (Name: DeviceNames.DhcpNamespace(i.Id), At: InDhcp, Network: (Guid?)i.Id, Router: (Guid?)null))
            .Concat(routers.Where(i => i.Wanted).Select(i => (Name: DeviceNames.RouterNamespace(i.Id), At: InRouter, Network: (Guid?)null, Router: (Guid?)i.Id)))
            .ToList();
        var open = transport.Names.ToHashSet();
        foreach (var name in open.Except(wanted.Select(w => w.Name))) transport.Remove(name);
        foreach (var (name, at, network, router) in wanted.Where(w => !open.Contains(w.Name)))
            if (namespaces.Listen(name, at) is { } socket) transport.Add(name, socket, network, router);
    }
}
