using Nephos.Compute.Hypervisors;
using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Removes a server. When its node is down the controller finishes alone: a tombstone waits for the node (rule 6).</summary>
internal sealed class DeleteServer(ComputeDb db, ServerTable servers, ActionTable actions, ServerEvents events, NodeTable nodes, IPlacement placement, INetworks networks, NodeItems<ComputeDb> items, TimeProvider time)
    : Operation<DeleteServer.State>(db)
{
    internal sealed record State(Guid Server, string Request) : IStateOf<DeleteServer>;

    protected override bool Preemptible => false;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("guest", Remove) { Event = "compute_terminate_instance", WaitsFor = "the node to remove the guest", Deadline = TimeSpan.FromMinutes(10) },
        new("ports", TakePorts) { Deadline = TimeSpan.FromMinutes(10) },
        new("allocation", GiveBack, Done) { Deadline = TimeSpan.FromMinutes(10) },
    ];

    private async Task<State?> Remove(State s, OperationContext c)
    {
        if (await servers.Find(s.Server) is not { NodeId: { } node }) return s;
        await items.Unwant(node, NodeItemKinds.Server, s.Server);
        if (await items.Find(node, NodeItemKinds.Server, s.Server) is not { } item || item.IsGone) return s;
        return await nodes.Find(node) is { } row && row.IsUp(time.GetUtcNow()) ? null : s;
    }

    private async Task<State?> TakePorts(State s, OperationContext c)
    {
        foreach (var port in await networks.PortsOf([s.Server], c.Cancel))
        {
            if (port.MadeForServer) await networks.DeletePort(port.Id, c.Epoch, c.Cancel);
            else await networks.Unbind(port.Id, s.Server, c.Cancel);
        }
        return s;
    }

    private async Task<State?> GiveBack(State s, OperationContext c)
    {
        await placement.Release(s.Server, c.Epoch, c.Cancel);
        return s;
    }

    private async Task Done(State s)
    {
        await servers.Deleted(s.Server);
        await actions.End(s.Server, s.Request);
        await events.Append(s.Server, "delete.end");
    }

    protected override async Task Failed(State s, OperationFailure f)
    {
        await servers.Fail(s.Server, VmState.Error, ServerFaults.Of(f.Fault, Db.Now));
        await actions.End(s.Server, s.Request, failed: true);
    }
}
