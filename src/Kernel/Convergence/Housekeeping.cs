using Nephos.Kernel.Data;

namespace Nephos.Kernel.Convergence;

/// <summary>Forgets what nobody reads any more in a service's kernel tables.</summary>
internal sealed class Housekeeping<TDb>(TDb db, NodeItems<TDb> items, EventLog<TDb> events, Operations.Tombstones<TDb> tombstones) : Loop where TDb : Db
{
    private static readonly TimeSpan KeepEvents = TimeSpan.FromDays(90);

    public override string Name => db.Service + ".housekeeping";

    public override TimeSpan Period => TimeSpan.FromHours(1);

    public override async Task<object> Run(CancellationToken ct) =>
        new { Items = await items.Purge(), Events = await events.Purge(db.Now - KeepEvents), Tombstones = await tombstones.Purge(db.Now - KeepEvents) };
}
