using System.Text;
using Nephos.Compute.Aggregates;
using Nephos.Compute.AvailabilityZones;
using Nephos.Compute.Hypervisors;
using Nephos.Compute.Metadata;
using Nephos.Compute.Servers;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Operations;

namespace Nephos.Compute;

/// <summary>What other services may ask of Compute.</summary>
internal sealed class ComputeContract(ServerTable servers, INetworks networks, NodeTable nodes, AggregateTable aggregates, ServerSync sync, Operations<ComputeDb> operations) : IServers
{
    public async Task PortsChanged(IReadOnlyList<Guid> changed, CancellationToken ct)
    {
        await sync.Refresh(changed, ct);
        // A server being built waits for its ports.
        foreach (var server in changed) operations.Nudge(ServerRow.ResourceOf(server));
    }

    public async Task<MetadataReply> Metadata(PortFacts port, MetadataRequest request, CancellationToken ct)
    {
        if (await servers.Find(port.DeviceId) is not { } server) return MetadataTree.NotFound;
        if (request.Method == "POST") return await SetPassword(server, request);
        if (request.Method is not ("GET" or "HEAD")) return MetadataTree.NotFound with { Status = 405 };
        var ports = GuestPlan.Ordered(server, await networks.PortsOf([server.Id], ct));
        return MetadataTree.Answer(server, ports, request.Path);
    }

    public async Task<IReadOnlyList<string>> Zones(CancellationToken ct)
    {
        var zones = new Zones(await aggregates.All());
        return [.. (await nodes.All()).Select(n => zones.Of(n.Host)).Distinct()];
    }

    private async Task<MetadataReply> SetPassword(ServerRow server, MetadataRequest request)
    {
        if (!MetadataTree.IsPassword(request.Path)) return MetadataTree.NotFound;
        // A password is set once; afterwards only the API clears it.
        if (server.Password.Length > 0) return Reply(409, "Conflict");
        if (request.Body is not { Length: <= 1020 } body) return Reply(400, "Bad Request");
        await servers.SetPassword(server.Id, Encoding.UTF8.GetString(body));
        return Reply(200, "");
    }

    private static MetadataReply Reply(int status, string text) => new(status, "text/plain; charset=UTF-8", Encoding.UTF8.GetBytes(text));
}
