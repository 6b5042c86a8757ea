namespace Nephos.Node;

/// <summary>What this node has done for a server, so that an order about power is carried out once, also across a restart.</summary>
/// <param name="Id">The server.</param>
/// <param name="Generation">Of the item whose shape (disks, cards) is on the host; 0 before the first.</param>
/// <param name="PowerNumber">Last power order carried out or failed.</param>
/// <param name="PowerError">Why it failed, or null.</param>
/// <param name="Ports">Ports whose cards are plugged.</param>
/// <param name="Bases">Files of the base cache that its disks, kernel and ramdisk name; null if a version wrote the record that did not know.</param>
internal sealed record ServerRecord(Guid Id, long Generation, long PowerNumber, string? PowerError, IReadOnlyList<Guid> Ports, IReadOnlyList<string>? Bases = null)
{
    public static ServerRecord New(Guid id) => new(id, 0, 0, null, []);
}
