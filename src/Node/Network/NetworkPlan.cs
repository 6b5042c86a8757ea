using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;

namespace Nephos.Node.Network;

/// <summary>Chooses what to do next from what is wanted and what has been done. Pure.</summary>
internal static class NetworkPlan
{
    /// <summary>Items of a kind that are wanted in a generation not carried out yet.</summary>
    public static IReadOnlyList<NodeItem> Due(IEnumerable<NodeItem> wanted, Func<NodeItem, bool> done) => [.. wanted.Where(i => i.Wanted && !done(i))];

    /// <summary>Tombstones not carried out yet.</summary>
    public static IReadOnlyList<NodeItem> Gone(IEnumerable<NodeItem> wanted, Func<NodeItem, bool> done) => [.. wanted.Where(i => !i.Wanted && !done(i))];

    /// <summary>False while a guest is here that no item mentions: then the controllers have lost something, and its network must not go.</summary>
    public static bool KnowsAll(IReadOnlyList<ServerRecord> guests, IReadOnlyList<NodeItem> servers) => !guests.Select(g => g.Id).Except(servers.Select(s => s.Id)).Any();

    /// <summary>
    /// Things on the host that carry our mark and that no item mentions. They hold no data, so they may go; ports of guests that still
    /// exist stay, since their guest would lose its network.
    /// </summary>
    public static SwitchChange Orphans(SwitchState seen, IReadOnlyList<NodeItem> items, IReadOnlySet<Guid> portsOfGuests)
    {
        var known = items.Select(i => (i.Kind, i.Id)).ToHashSet();
        return new SwitchChange
        {
            PortsGone = [.. seen.Ports.Where(p => !known.Contains((NodeItemKinds.Port, p)) && !portsOfGuests.Contains(p))],
            GroupsGone = [.. seen.Groups.Where(g => !known.Contains((NodeItemKinds.Group, g)) && !known.Contains((NodeItemKinds.Members, g)))],
            NetworksGone = [.. seen.Networks.Where(n => !known.Contains((NodeItemKinds.Network, n)))],
        };
    }
}
