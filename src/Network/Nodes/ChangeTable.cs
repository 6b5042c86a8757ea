using Nephos.Contracts;

namespace Nephos.Network.Nodes;

/// <summary>SQL about what changed.</summary>
internal sealed class ChangeTable(NetworkDb db, NodeTable nodes)
{
    private const string Counter = "device_changes";

    public async Task MarkAll(IEnumerable<(Stale Kind, Guid Id)> stale)
    {
        foreach (var (kind, id) in stale) await nodes.Mark(kind, id);
    }

    /// <summary>Gives devices the next number; last in a transaction.</summary>
    public async Task Number(IEnumerable<Guid> devices)
    {
        var number = await db.Counters.Next(Counter);
        foreach (var device in devices.Order())
            await db.Execute($"INSERT INTO network_device_changes (device, number) VALUES ({device}, {number}) ON CONFLICT (device) DO UPDATE SET number = excluded.number");
    }

    public async Task<DeviceChanges> After(long number)
    {
        const int page = 1000;
        var rows = await db.Query<(Guid Device, long Number)>($"SELECT device, number FROM network_device_changes WHERE number > {number} ORDER BY number, device LIMIT {page}");
        // A page never ends inside one number: its rest would be skipped by the next question.
        if (rows.Count == page)
        {
            var last = rows[^1].Number;
            var rest = await db.Query<(Guid Device, long Number)>($"SELECT device, number FROM network_device_changes WHERE number = {last} ORDER BY device");
            rows = [.. rows.Where(r => r.Number < last), .. rest];
        }
        return new([.. rows.Select(r => r.Device)], rows.Count > 0 ? rows[^1].Number : number);
    }
}
