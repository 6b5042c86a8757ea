using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;

namespace Nephos.Compute.Servers;

/// <summary>Tells a node what a server should be now: from its row and its ports, so that orders which cross each other end the same.</summary>
internal static class GuestOrders
{
    public static async Task Want(NodeItems<ComputeDb> items, ServerTable servers, INetworks networks, Guid id, Guid node, Guid? without, CancellationToken ct)
    {
        // A server that is being deleted has a tombstone, which nothing may overwrite.
        if (await servers.Find(id) is not { } server || server.TaskState == TaskState.Deleting || server.NodeId != node) return;
        var ports = (await networks.PortsOf([id], ct)).Where(p => p.Id != without).ToList();
        // A card on its way out stays in view until it is gone.
        if (without is null) await servers.SetNetworks(id, [.. GuestPlan.Ordered(server, ports).Select(GuestPlan.View)]);
        await items.Want(node, NodeItemKinds.Server, id, GuestPlan.Of(server, ports));
    }
}
