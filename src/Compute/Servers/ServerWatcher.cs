using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>Hears what nodes report: wakes the operation that waits for it, and lets a row follow power that changed by itself.</summary>
internal sealed class ServerWatcher(ComputeDb db, ServerTable servers, Operations<ComputeDb> operations) : INodeItemWatcher
{
    public string Service => db.Service;

    public async Task Seen(NodeItemRow row)
    {
        if (row.Kind != NodeItemKinds.Server) return;
        operations.Nudge(ServerRow.ResourceOf(row.Id));
        if (!row.Wanted || row.Server() is not { } seen || await servers.Find(row.Id) is not { } server || server.NodeId != row.Node) return;
        foreach (var nic in server.Networks) operations.Nudge($"{server.Resource}/port/{nic.Port}");
        await Follow(servers, server, seen);
    }

    /// <summary>Power is observed, never held (rule 4): a guest that ended by itself is SHUTOFF and stays so. Rows under an operation are the operation's.</summary>
    public static async Task Follow(ServerTable servers, ServerRow server, ServerObserved seen)
    {
        if (server.TaskState is not null || server.VmState is VmState.Building or VmState.Error || seen.PowerNumber < server.PowerNumber) return;
        var state = seen.Power switch
        {
            PowerState.Running => VmState.Active,
            PowerState.Paused => VmState.Paused,
            PowerState.Suspended => VmState.Suspended,
            PowerState.Shutdown or PowerState.Crashed => server.VmState == VmState.Suspended ? VmState.Suspended : VmState.Stopped,
            _ => server.VmState,
        };
        if (seen.Power != PowerState.Pending && (state != server.VmState || (int)seen.Power != server.PowerState))
            await servers.Saw(server.Id, server.NodeId!.Value, server.VmState, state, (int)seen.Power);
    }
}
