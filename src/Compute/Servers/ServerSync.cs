using Nephos.Contracts;
using Nephos.Contracts.Link;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Compute.Servers;

/// <summary>
/// Keeps rows true to what others see: addresses and groups from Network, and power where <see cref="ServerWatcher"/> had to pass over a report.
/// Moves a row only when no operation works on it.
/// </summary>
internal sealed class ServerSync(ComputeDb db, ServerTable servers, INetworks networks, NodeItems<ComputeDb> items, Operations<ComputeDb> operations) : Loop, IDisposable
{
    private const int CatchUpEvery = 15;
    private readonly SemaphoreSlim _one = new(1);
    private long _runs;

    public override string Name => "compute.servers";

    public override TimeSpan Period => TimeSpan.FromSeconds(2);

    /// <summary>Reads what Network changed since the last time.</summary>
    public override async Task<object> Run(CancellationToken ct)
    {
        var after = await db.Scalar<long>($"SELECT number FROM compute_network_changes WHERE id = 1");
        var changes = await networks.Changes(after, ct);
        if (changes.Devices.Count > 0) await Refresh(changes.Devices, ct);
        if (changes.Number != after)
            await db.Execute($"INSERT INTO compute_network_changes (id, number) VALUES (1, {changes.Number}) ON CONFLICT (id) DO UPDATE SET number = {changes.Number}");
        if (++_runs % CatchUpEvery == 0) await CatchUp();
        return new { changed = changes.Devices.Count, changes.Number };
    }

    /// <summary>Copies Network's view of these servers' ports into their rows.</summary>
    public async Task Refresh(IReadOnlyList<Guid> changed, CancellationToken ct)
    {
        // Who looked earlier must not write later.
        await _one.WaitAsync(ct);
        try { await Copy(changed, ct); }
        finally { _one.Release(); }
    }

    public void Dispose() => _one.Dispose();

    private async Task Copy(IReadOnlyList<Guid> changed, CancellationToken ct)
    {
        var rows = await servers.Of(changed);
        if (rows.Count == 0) return;
        var ports = (await networks.PortsOf([.. rows.Select(r => r.Id)], ct)).ToLookup(p => p.DeviceId);
        foreach (var row in rows)
        {
            // Before that the operation that builds it writes the view, of all its ports at once.
            if (row is { VmState: VmState.Building, Networks.Length: 0 }) continue;
            var views = GuestPlan.Ordered(row, [.. ports[row.Id.ToString()]]).Select(GuestPlan.View).ToList();
            await servers.SetNetworks(row.Id, views);
        }
    }

    /// <summary>The host lost its guests with its memory: those that ran are ordered to start once.</summary>
    public async Task HostRebooted(Guid node, CancellationToken ct)
    {
        foreach (var row in await servers.OnNode(node))
        {
            ct.ThrowIfCancellationRequested();
            if (row.VmState != VmState.Active || row.TaskState is not null) continue;
            var action = PowerAction.AfterReboot;
            try
            {
                await db.InTransaction(async () =>
                {
                    if (!await servers.Begin(row, action.Task)) return;
                    var number = await servers.Order(row.Id, action.Verb);
                    await operations.Start(row.Resource, new ChangePower.State(row.Id, null, action.Name, number, node));
                });
            }
            catch (DuplicateOperation)
            {
                // It is being worked on after all; that work meets the new host itself.
            }
        }
    }

    // Reports that came while an operation worked on a server were not followed then.
    private async Task CatchUp()
    {
        foreach (var item in await items.All(NodeItemKinds.Server))
        {
            if (!item.Wanted || item.Server() is not { } seen) continue;
            if (await servers.Find(item.Id) is { } row && row.NodeId == item.Node) await ServerWatcher.Follow(servers, row, seen);
        }
    }
}
