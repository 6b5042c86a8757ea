using Nephos.Contracts;
using Nephos.Kernel.Data;
using Npgsql;

namespace Nephos.Kernel.Operations;

/// <summary>
/// This life of this process, as a holder of operations. On PostgreSQL it is alive while its session holds an advisory lock; no clock
/// is involved. On SQLite there is one process, so every other holder is dead.
/// </summary>
internal sealed class Incarnation : IAsyncDisposable
{
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(3);
    private readonly NpgsqlConnection? session;

    private Incarnation(string id, NpgsqlConnection? session)
    {
        Id = id;
        this.session = session;
    }

    public string Id { get; }

    public static async Task<Incarnation> Begin(Db db, OperationTable table)
    {
        var id = NewId.Ordered().ToString("N");
        NpgsqlConnection? session = null;
        if (db.Database.Engine is PostgresEngine postgres)
        {
            session = await postgres.Source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand($"SELECT pg_advisory_lock({Key(id)}); LISTEN {db.Service}_operations", session);
            await command.ExecuteNonQueryAsync();
        }
        await table.AddIncarnation(id, Key(id));
        return new Incarnation(id, session);
    }

    /// <summary>Which of these holders are dead.</summary>
    public static async Task<HashSet<string>> Dead(Db db, IEnumerable<string> holders)
    {
        var dead = holders.ToHashSet(StringComparer.Ordinal);
        if (db.Database.IsPostgres && dead.Count > 0)
        {
            var alive = (await db.Query<long>($"""
                SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """)).ToHashSet();
            dead.RemoveWhere(h => alive.Contains(Key(h)));
        }
        return dead;
    }

    /// <summary>Passes on what other controllers say, until the session breaks or <paramref name="stop"/>.</summary>
    public async Task Listen(Action<string> heard, CancellationToken stop)
    {
        if (session is null)
        {
            await Task.Delay(Timeout.Infinite, stop);
            return;
        }
        session.Notification += (_, e) => heard(e.Payload);
        while (!stop.IsCancellationRequested)
        {
            if (!await session.WaitAsync(Check, stop))
            {
                await using var command = new NpgsqlCommand("SELECT 1", session);
                await command.ExecuteScalarAsync(stop);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (session is not null)
        {
            // Npgsql's pool keeps the session, and so the lock, unless it is told to drop it.
            NpgsqlConnection.ClearPool(session);
            await session.DisposeAsync();
        }
    }

    // The first 16 digits of a version-7 id are mostly its time; the last are random.
    private static long Key(string id) => id.Length == 32 && ulong.TryParse(id.AsSpan(16), System.Globalization.NumberStyles.HexNumber, null, out var key) ? unchecked((long)key) : 0;
}
