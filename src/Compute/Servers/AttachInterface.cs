using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Adds a network card: its port, then the order to the node to plug it.</summary>
internal sealed class AttachInterface(ComputeDb db, ServerTable servers, ActionTable actions, INetworks networks, NodeItems<ComputeDb> items) : Operation<AttachInterface.State>(db)
{
    internal sealed record State(Guid Server, string Request, Guid Node, PlannedNic Card) : IStateOf<AttachInterface>;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("port", MakePort, Undo: TakePort) { Deadline = TimeSpan.FromMinutes(1) },
        new("order", Order, Undo: Withdraw),
        new("plugged", Plugged, Done) { Event = "compute_attach_interface", WaitsFor = "the node to plug the card", Deadline = TimeSpan.FromMinutes(2) },
    ];

    private async Task<State?> MakePort(State s, OperationContext c)
    {
        var server = await servers.Find(s.Server) ?? throw Errors.ServerNotFound(s.Server.ToString());
        var owner = $"compute:{server.AvailabilityZone}";
        if (!s.Card.Ours) await networks.Bind(s.Card.Port, s.Server, owner, s.Node, c.Epoch, c.Cancel);
        else
            await networks.EnsurePort(new NewPort
            {
                Id = s.Card.Port, Epoch = c.Epoch, Network = s.Card.Network!.Value, ProjectId = server.ProjectId, Device = s.Server, DeviceOwner = owner, Node = s.Node,
                Address = s.Card.Address, DnsName = server.Hostname,
            }, c.Cancel);
        return s;
    }

    private async Task<bool> TakePort(State s, OperationContext c)
    {
        if (s.Card.Ours) await networks.DeletePort(s.Card.Port, c.Epoch, c.Cancel);
        else await networks.Unbind(s.Card.Port, s.Server, c.Cancel);
        return true;
    }

    private async Task<State?> Order(State s, OperationContext c)
    {
        await GuestOrders.Want(items, servers, networks, s.Server, s.Node, null, c.Cancel);
        return s;
    }

    private async Task<bool> Withdraw(State s, OperationContext c)
    {
        await GuestOrders.Want(items, servers, networks, s.Server, s.Node, s.Card.Port, c.Cancel);
        return true;
    }

    private async Task<State?> Plugged(State s, OperationContext c)
    {
        if (await items.Find(s.Node, NodeItemKinds.Server, s.Server) is not { } item) return null;
        if (item.Error is { } error && item.IsCurrent) throw Errors.AttachFailed(error);
        return item.Server()?.Ports.Contains(s.Card.Port) == true ? s : null;
    }

    private Task Done(State s) => actions.End(s.Server, s.Request);

    protected override Task Failed(State s, OperationFailure f) => actions.End(s.Server, s.Request, failed: true);
}
