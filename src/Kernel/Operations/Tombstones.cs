using Nephos.Contracts;
using Nephos.Kernel.Data;

namespace Nephos.Kernel.Operations;

/// <summary>
/// For contracts whose calls create and delete by (id, epoch): who deletes leaves a tombstone, and a late call of an operation that was
/// taken back, or lost by its process, is refused instead of making the thing again.
/// </summary>
public class Tombstones(Db db)
{
    private readonly SqlText table = db.Table("tombstones");

    /// <summary>Remembers a deletion, in its transaction, even if there was nothing to delete: the call that creates may still be on its way.</summary>
    public Task Bury(string kind, object id, long epoch)
    {
        db.RequireTransaction();
        return db.Execute($"""
            INSERT INTO {table} (kind, id, epoch, at) VALUES ({kind}, {id.ToString()}, {epoch}, {db.Now})
            ON CONFLICT (kind, id) DO UPDATE SET at = excluded.at, epoch = CASE WHEN excluded.epoch > {table}.epoch THEN excluded.epoch ELSE {table}.epoch END
            """);
    }

    /// <summary>Throws if the thing was deleted at this epoch or a later one; first in the transaction that creates it.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Conflict"/>, name <c>Gone</c>.</exception>
    public async Task Refuse(string kind, object id, long epoch)
    {
        db.RequireTransaction();
        // Written, not only read: on PostgreSQL a deletion under way is waited for, and one that comes later waits for us.
        var buried = await db.Scalar<long>($"""
            INSERT INTO {table} (kind, id, epoch, at) VALUES ({kind}, {id.ToString()}, {-1}, {db.Now})
            ON CONFLICT (kind, id) DO UPDATE SET at = excluded.at RETURNING epoch
            """);
        if (buried >= epoch)
        {
            throw new Fault(FaultKind.Conflict, "Gone", $"The {kind} {id} was deleted.");
        }
    }

    /// <summary>Forgets those that nobody can ask about any more.</summary>
    public Task<int> Purge(DateTimeOffset before) => db.Execute($"DELETE FROM {table} WHERE at < {before}");
}

/// <summary>The tombstones of the service that owns <typeparamref name="TDb"/>.</summary>
public sealed class Tombstones<TDb>(TDb db) : Tombstones(db) where TDb : Db;
