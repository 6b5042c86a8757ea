using Nephos.Contracts;
using Nephos.Kernel.Data;

namespace Nephos.Network.Nodes;

/// <summary>Things whose orders for nodes have to be worked out again after a change.</summary>
internal enum Stale
{
    Network,
    Dhcp,
    Port,
    Group,
    Members,
    Router,
}

/// <summary>What one transaction touched. Collected while it runs, written at its end.</summary>
internal sealed class Change
{
    public HashSet<(Stale Kind, Guid Id)> Stale { get; } = [];
    public HashSet<Guid> Devices { get; } = [];

    public void Mark(Stale kind, Guid id) => Stale.Add((kind, id));

    /// <summary>A port came, went or changed: itself, its network's DHCP, and the groups whose members it is among.</summary>
    public void Port(Guid id, Guid network, string deviceId, IEnumerable<Guid> groups)
    {
        Mark(Nodes.Stale.Port, id);
        Mark(Nodes.Stale.Network, network);
        Mark(Nodes.Stale.Dhcp, network);
        foreach (var group in groups)
        {
            Mark(Nodes.Stale.Group, group);
            Mark(Nodes.Stale.Members, group);
        }
        Device(deviceId);
    }

    public void Device(string deviceId)
    {
        if (Guid.TryParse(deviceId, out var device)) Devices.Add(device);
    }
}

/// <summary>
/// Runs a change: its rows, what of the nodes' orders is stale now, and, last, the number under which Compute sees which devices it
/// concerned. After the commit whoever waits for that is woken.
/// </summary>
internal sealed class Changes(NetworkDb db, ChangeTable table, NodeSync sync, DeviceNews news)
{
    public Task Run(Func<Change, Task> body) => Run(async change =>
    {
        await body(change);
        return true;
    });

    public async Task<V> Run<V>(Func<Change, Task<V>> body)
    {
        try
        {
            return await db.InTransaction(async () =>
            {
                var change = new Change();
                var result = await body(change);
                await Write(change);
                return result;
            });
        }
        // What was looked at is gone meanwhile, or somebody else took the same thing in the same moment.
        catch (Exception e) when (e is BrokenReference or DuplicateKey) { throw Errors.Retry(); }
    }

    private async Task Write(Change change)
    {
        await table.MarkAll(change.Stale);
        if (change.Stale.Count > 0) db.AfterCommit(sync.Nudge);
        if (change.Devices.Count == 0) return;
        await table.Number(change.Devices);
        db.AfterCommit(() => news.Tell(change.Devices));
    }

    /// <summary>Devices that changed after a number, oldest first.</summary>
    public Task<DeviceChanges> After(long number) => table.After(number);
}
