using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Kernel.Data;
using Nephos.Kernel.Diagnostics;
using Nephos.Node.Metadata;

namespace Nephos.Node.Network;

/// <summary>
/// Makes the networks of this host as wanted: networks, groups, members and ports in one change of the switch, then DHCP and routers,
/// each by itself; removals in the opposite order. A pass without news costs nothing but a look at the DHCP servers; once a minute
/// the switch looks over the whole host, mends what somebody took away behind its back, and what nobody mentions goes.
/// </summary>
internal sealed partial class NetworkLoop(
    DesiredItems desired, Reports reports, IVirtualSwitch vswitch, IDhcpServer dhcp, IRouter router, MetadataListeners metadata, ServerRecords servers, NodeOptions options,
    TimeProvider time, ILogger<NetworkLoop> log)
{
    private readonly Nudged _nudged = new();
    private readonly CrashHook _crash = new(options.AllowCrash);
    private readonly ConcurrentDictionary<(string Kind, Guid Id), long> _done = [];
    private long? _tidied;

    /// <summary>Told when ports became ready, so that servers waiting for them go on.</summary>
    public event Action? PortsReady;

    public void Nudge() => _nudged.Nudge();

    public Task Run(CancellationToken ct) => _nudged.Run(options.NetworkPeriod, Pass, ct);

    /// <summary>True if the port's current generation is on the switch.</summary>
    public bool IsReady(Guid port) => _done.ContainsKey((NodeItemKinds.Port, port));

    private async Task Pass(CancellationToken ct)
    {
        if (!desired.Complete) return;
        try
        {
            await ReviveDhcp(ct);
            await ApplySwitch(ct);
            await Each<DhcpSpec>(NodeItemKinds.Dhcp, dhcp.Apply, ct);
            await Each<RouterSpec>(NodeItemKinds.Router, router.Apply, ct);
            await Remove(ct);
            if (_tidied is not { } last || time.GetElapsedTime(last) >= options.SwitchPeriod) await Tidy(ct);
            metadata.Listen(desired.Of(NodeItemKinds.Dhcp), desired.Of(NodeItemKinds.Router));
        }
        catch (Exception e) when (e is not OperationCanceledException) { LogPass(log, e); }
    }

    private async Task ApplySwitch(CancellationToken ct)
    {
        var (networks, groups, members, ports) = (Due(NodeItemKinds.Network), Due(NodeItemKinds.Group), Due(NodeItemKinds.Members), Due(NodeItemKinds.Port));
        if (networks.Count + groups.Count + members.Count + ports.Count == 0) return;
        NodeItem[] all = [.. networks, .. groups, .. members, .. ports];
        try
        {
            _crash.At("Node", "switch", "before");
            await vswitch.Apply(Change(networks, groups, members, ports), ct);
            _crash.At("Node", "switch", "inside");
            foreach (var item in all) Done(item);
            _crash.At("Node", "switch", "after");
        }
        catch (Exception e) when (e is not OperationCanceledException && all.Length > 1)
        {
            // One bad item must not hold up the others: each by itself, and the error at the one it belongs to.
            LogBatch(log, e, all.Length);
            foreach (var item in all) await One(item, c => vswitch.Apply(Change(Only(networks, item), Only(groups, item), Only(members, item), Only(ports, item)), c), ct);
        }
        catch (Exception e) when (e is not OperationCanceledException) { Failed(all[0], e); }
        if (ports.Count > 0) PortsReady?.Invoke();
    }

    private async Task Each<T>(string kind, Func<T, CancellationToken, Task> apply, CancellationToken ct)
    {
        foreach (var item in Due(kind)) await One(item, c => apply(Spec<T>(item), c), ct);
    }

    private async Task Remove(CancellationToken ct)
    {
        foreach (var item in Gone(NodeItemKinds.Router)) await One(item, c => router.Remove(item.Id, c), ct);
        foreach (var item in Gone(NodeItemKinds.Dhcp)) await One(item, c => dhcp.Remove(item.Id, c), ct);
        // A guest's tap goes after its guest, or the emulator would lose it under its feet.
        foreach (var item in Gone(NodeItemKinds.Port).Where(p => !servers.PortsInUse().Contains(p.Id)))
            await One(item, c => vswitch.Apply(new SwitchChange { PortsGone = [item.Id] }, c), ct);
        var (members, groups, networks) = (Gone(NodeItemKinds.Members), Gone(NodeItemKinds.Group), Gone(NodeItemKinds.Network));
        // A group's members lie in a set of the group, which stays as long as a port here has the group.
        var used = desired.Of(NodeItemKinds.Group).Where(g => g.Wanted).Select(g => g.Id).ToHashSet();
        foreach (var item in members) await One(item, c => used.Contains(item.Id) ? Task.CompletedTask : vswitch.Apply(new SwitchChange { GroupsGone = [item.Id] }, c), ct);
        foreach (var item in groups) await One(item, c => vswitch.Apply(new SwitchChange { GroupsGone = [item.Id] }, c), ct);
        foreach (var item in networks) await One(item, c => vswitch.Apply(new SwitchChange { NetworksGone = [item.Id] }, c), ct);
    }

    private async Task Tidy(CancellationToken ct)
    {
        // To observe is also to repair.
        var seen = await vswitch.Observe(ct);
        if (seen.Damaged)
        {
            // What hangs on a device that went hangs nowhere: all of it is looked over, as at the start.
            LogDamaged(log);
            _done.Clear();
            Nudge();
        }
        if (NetworkPlan.KnowsAll(servers.All, desired.Of(NodeItemKinds.Server))) await RemoveOrphans(seen, ct);
        _tidied = time.GetTimestamp();
    }

    private async Task RemoveOrphans(SwitchState seen, CancellationToken ct)
    {
        var items = NodeItemKindsOfNetwork.SelectMany(desired.Of).ToList();
        var known = items.Select(i => (i.Kind, i.Id)).ToHashSet();
        foreach (var id in await router.Observe(ct)) if (!known.Contains((NodeItemKinds.Router, id))) await router.Remove(id, ct);
        foreach (var state in await dhcp.Observe(ct)) if (!known.Contains((NodeItemKinds.Dhcp, state.Network))) await dhcp.Remove(state.Network, ct);
        var orphans = NetworkPlan.Orphans(seen, items, servers.PortsInUse());
        if (orphans.PortsGone.Count + orphans.GroupsGone.Count + orphans.NetworksGone.Count > 0) await vswitch.Apply(orphans, ct);
    }

    private async Task ReviveDhcp(CancellationToken ct)
    {
        if (!desired.Of(NodeItemKinds.Dhcp).Any(i => i.Wanted)) return;
        foreach (var state in await dhcp.Observe(ct))
            if (!state.Alive && _done.TryRemove((NodeItemKinds.Dhcp, state.Network), out _)) LogRevive(log, state.Network);
    }

    private async Task One(NodeItem item, Func<CancellationToken, Task> act, CancellationToken ct)
    {
        var name = item.Wanted ? item.Kind : "remove-" + item.Kind;
        try
        {
            _crash.At("Node", name, "before");
            await act(ct);
            _crash.At("Node", name, "inside");
            Done(item);
            _crash.At("Node", name, "after");
        }
        catch (Exception e) when (e is not OperationCanceledException) { Failed(item, e); }
    }

    private void Done(NodeItem item)
    {
        if (item.Wanted) _done[(item.Kind, item.Id)] = item.Generation;
        else
        {
            _done.TryRemove((item.Kind, item.Id), out _);
            desired.CarriedOut(item);
        }
        reports.Add(new Observed(item.Kind, item.Id, item.Generation, item.Wanted));
    }

    private void Failed(NodeItem item, Exception e)
    {
        LogItem(log, e, item.Kind, item.Id);
        reports.Add(new Observed(item.Kind, item.Id, item.Generation, item.Wanted, e is Fault ? e.Message : $"{item.Kind} could not be made on the host: {e.Message}"));
    }

    private static readonly string[] NodeItemKindsOfNetwork =
        [NodeItemKinds.Network, NodeItemKinds.Group, NodeItemKinds.Members, NodeItemKinds.Port, NodeItemKinds.Dhcp, NodeItemKinds.Router];

    private bool IsDone(NodeItem item) => _done.TryGetValue((item.Kind, item.Id), out var generation) && generation == item.Generation;
    private IReadOnlyList<NodeItem> Due(string kind) => NetworkPlan.Due(desired.Of(kind), IsDone);
    private IReadOnlyList<NodeItem> Gone(string kind) => NetworkPlan.Gone(desired.Of(kind), IsDone);
    private static IReadOnlyList<NodeItem> Only(IReadOnlyList<NodeItem> items, NodeItem item) => items.Contains(item) ? [item] : [];
    private static T Spec<T>(NodeItem item) => StoredJson.Read<T>(item.Spec!.Value);

    private static SwitchChange Change(IReadOnlyList<NodeItem> networks, IReadOnlyList<NodeItem> groups, IReadOnlyList<NodeItem> members, IReadOnlyList<NodeItem> ports) => new()
    {
        Networks = [.. networks.Select(Spec<NetworkSpec>)],
        Groups = [.. groups.Select(Spec<GroupSpec>)],
        Members = [.. members.Select(Spec<GroupMembersSpec>)],
        Ports = [.. ports.Select(Spec<PortSpec>)],
    };

    [LoggerMessage(1, LogLevel.Error, "A pass over the networks of this host failed")]
    private static partial void LogPass(ILogger log, Exception e);
    [LoggerMessage(2, LogLevel.Warning, "A change of {Count} items failed; trying them one by one")]
    private static partial void LogBatch(ILogger log, Exception e, int count);
    [LoggerMessage(3, LogLevel.Error, "{Kind} {Id} could not be made so")]
    private static partial void LogItem(ILogger log, Exception e, string kind, Guid id);
    [LoggerMessage(5, LogLevel.Warning, "Devices of networks are gone or cut off; making them again")]
    private static partial void LogDamaged(ILogger log);
    [LoggerMessage(4, LogLevel.Warning, "The DHCP server of network {Network} is gone; starting it again")]
    private static partial void LogRevive(ILogger log, Guid network);
}
