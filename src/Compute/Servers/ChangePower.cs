using Nephos.Compute.InstanceActions;
using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Carries out one order about power. The order's number is in the row before the operation starts; the node carries it out once and echoes it (rule 4).</summary>
internal sealed class ChangePower(ComputeDb db, ServerTable servers, ActionTable actions, ServerEvents events, INetworks networks, NodeItems<ComputeDb> items) : Operation<ChangePower.State>(db)
{
    internal sealed record State(Guid Server, string? Request, string Action, long Number, Guid Node) : IStateOf<ChangePower>;

    protected override IReadOnlyList<Step> Steps =>
    [
        new("order", Order),
        new("carry-out", Wait, Done) { WaitsFor = "the node to carry out the order", Deadline = TimeSpan.FromMinutes(10) },
    ];

    private async Task<State?> Order(State s, OperationContext c)
    {
        await GuestOrders.Want(items, servers, networks, s.Server, s.Node, null, c.Cancel);
        return s;
    }

    private async Task<State?> Wait(State s, OperationContext c)
    {
        if (await items.Find(s.Node, NodeItemKinds.Server, s.Server) is not { } item) return null;
        if (item.Error is { } error && item.ObservedGeneration >= item.Generation) throw Errors.PowerFailed(error);
        if (item.Server() is not { } seen || seen.PowerNumber < s.Number) return null;
        return seen.PowerError is { } why ? throw Errors.PowerFailed(why) : s;
    }

    private async Task Done(State s)
    {
        var action = PowerAction.Of(s.Action);
        await servers.Settle(s.Server, action.To, (int)action.Power);
        if (s.Request is { } request) await actions.End(s.Server, request);
        await events.Append(s.Server, action.Notification);
    }

    protected override async Task Failed(State s, OperationFailure f)
    {
        // What it is now the next report tells; a reboot that failed half-way is nova's ERROR.
        await servers.Fail(s.Server, PowerAction.Of(s.Action).Action == "reboot" ? VmState.Error : null, ServerFaults.Of(f.Fault, Db.Now));
        if (s.Request is { } request) await actions.End(s.Server, request, failed: true);
    }
}
