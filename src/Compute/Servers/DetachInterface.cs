using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Takes a network card out; then its port goes if Compute made it.</summary>
internal sealed class DetachInterface(ComputeDb db, ServerTable servers, ActionTable actions, INetworks networks, NodeItems<ComputeDb> items) : Operation<DetachInterface.State>(db)
{
    internal sealed record State(Guid Server, string Request, Guid Node, Guid Port, bool Ours) : IStateOf<DetachInterface>;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("order", Order),
        new("unplugged", Unplugged) { Event = "compute_detach_interface", WaitsFor = "the node to unplug the card", Deadline = TimeSpan.FromMinutes(2) },
        new("port", TakePort, s => actions.End(s.Server, s.Request)),
    ];

    private async Task<State?> Order(State s, OperationContext c)
    {
        await GuestOrders.Want(items, servers, networks, s.Server, s.Node, s.Port, c.Cancel);
        return s;
    }

    private async Task<State?> Unplugged(State s, OperationContext c)
    {
        if (await items.Find(s.Node, NodeItemKinds.Server, s.Server) is not { Wanted: true } item) return s;
        if (item.Error is { } error && item.IsCurrent) throw Errors.DetachFailed(error);
        return item.Server()?.Ports.Contains(s.Port) == true ? null : s;
    }

    private async Task<State?> TakePort(State s, OperationContext c)
    {
        if (s.Ours) await networks.DeletePort(s.Port, c.Epoch, c.Cancel);
        else await networks.Unbind(s.Port, s.Server, c.Cancel);
        await GuestOrders.Want(items, servers, networks, s.Server, s.Node, null, c.Cancel);
        return s;
    }

    protected override Task Failed(State s, OperationFailure f) => actions.End(s.Server, s.Request, failed: true);
}
