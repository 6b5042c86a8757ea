using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;

namespace Nephos.Node.Compute;

/// <summary>
/// Guests on this host that no controller mentions, neither as wanted nor as to be removed. They hold data, so they are told of and never
/// removed but by the operator's word.
/// </summary>
internal sealed class Orphans(IHypervisor hypervisor, IGuestTraces guests, DesiredItems desired, ServerRecords records)
{
    public async Task<IReadOnlyList<GuestTrace>> Find(CancellationToken ct)
    {
        if (!desired.Complete) throw Fault.Unavailable("This node has not yet heard of all that should be on it.");
        // Twice: one may be removed, or begun, while we look.
        var known = Known();
        var traces = await guests.Traces(ct);
        known.UnionWith(Known());
        return [.. traces.Where(t => !known.Contains(t.Id))];
    }

    public async Task Remove(Guid guest, CancellationToken ct)
    {
        if ((await Find(ct)).All(o => o.Id != guest)) throw Fault.NotFound($"{guest} is no orphan of this node.");
        await hypervisor.Remove(guest, ct);
        records.Remove(guest);
    }

    private HashSet<Guid> Known() => [.. desired.Of(NodeItemKinds.Server).Select(i => i.Id)];
}
