using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Removes a guest with its disks and makes it anew on the same node; one that was off is turned off again. There is no way back: a failure is ERROR.</summary>
internal sealed class RebuildServer(ComputeDb db, ServerTable servers, ActionTable actions, ServerEvents events, INetworks networks, NodeItems<ComputeDb> items) : Operation<RebuildServer.State>(db)
{
    internal sealed record State(Guid Server, string Request, Guid Node, long Order, bool WasStopped) : IStateOf<RebuildServer>;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("remove", Remove) { WaitsFor = "the node to remove the old guest" },
        new("spawn", Want),
        new("boot", (s, _) => Echoed(s, s.Order), Booted) { Event = "compute_rebuild_instance", WaitsFor = "the node to start the guest", Deadline = TimeSpan.FromMinutes(15) },
        new("stop", Stop, Done) { WaitsFor = "the node to stop the guest" },
    ];

    private async Task<State?> Remove(State s, OperationContext c)
    {
        // Asked again after the new guest was ordered: its old self is gone already.
        if (await items.Find(s.Node, NodeItemKinds.Server, s.Server) is { Wanted: true } item && item.SpecAs<ServerItem>()!.Power.Number >= s.Order) return s;
        await items.Unwant(s.Node, NodeItemKinds.Server, s.Server);
        return await items.Find(s.Node, NodeItemKinds.Server, s.Server) is not { } gone || gone.IsGone ? s : null;
    }

    private async Task<State?> Want(State s, OperationContext c)
    {
        await GuestOrders.Want(items, servers, networks, s.Server, s.Node, null, c.Cancel);
        return s;
    }

    private async Task<State?> Echoed(State s, long order)
    {
        if (await items.Find(s.Node, NodeItemKinds.Server, s.Server) is not { } item) return null;
        if (item.Error is { } error && item.IsCurrent) throw Errors.BuildFailed(error, "the host");
        if (item.Server() is not { } seen || seen.PowerNumber < order) return null;
        return seen.PowerError is { } why ? throw Errors.BuildFailed(why, "the host") : s;
    }

    private async Task Booted(State s)
    {
        if (s.WasStopped) await servers.Ordered(s.Server, s.Order + 1, PowerVerb.Stop);
    }

    private async Task<State?> Stop(State s, OperationContext c) => s.WasStopped ? await Want(s, c) is { } wanted ? await Echoed(wanted, s.Order + 1) : null : s;

    private async Task Done(State s)
    {
        await servers.Launched(s.Server);
        if (s.WasStopped) await servers.Settle(s.Server, VmState.Stopped, (int)PowerState.Shutdown);
        await actions.End(s.Server, s.Request);
        await events.Append(s.Server, "rebuild.end");
    }

    protected override async Task Failed(State s, OperationFailure f)
    {
        await servers.Fail(s.Server, VmState.Error, ServerFaults.Of(f.Fault, Db.Now));
        await actions.End(s.Server, s.Request, failed: true);
    }
}
