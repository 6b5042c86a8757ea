using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Nephos.Kernel.Data;

/// <summary>One SQLite file: many readers, and one writer behind <see cref="SqliteGate"/>.</summary>
internal sealed class SqliteEngine : Engine
{
    private const int MaxIdle = 8;
    private readonly DatabaseOptions options;
    private readonly ConcurrentBag<Session> idle = [];
    private readonly SqliteSession writer;
    private readonly SqliteGate gate;

    public SqliteEngine(DatabaseOptions options)
    {
        SqliteNative.Load();
        this.options = options;
        writer = new SqliteSession(options.SqlitePath!, options.Durable, readOnly: false);
        gate = new SqliteGate(writer, options.Strict);
    }

    public override bool IsPostgres => false;

    public override bool GateForOne => true;

    public override ValueTask<Session> Rent() =>
        new(idle.TryTake(out var session) ? session : new SqliteSession(options.SqlitePath!, options.Durable, readOnly: true));

    public override void Return(Session session, bool broken)
    {
        if (broken || idle.Count >= MaxIdle)
        {
            _ = session.DisposeAsync().AsTask();
        }
        else
        {
            idle.Add(session);
        }
    }

    public override Task<T> Transact<T>(Func<Session, Task<T>> body) => gate.Run(body);

    public override Exception Translate(Exception error) => error is not SqliteException e ? error : e.SqliteExtendedErrorCode switch
    {
        2067 or 1555 => Duplicate(e),
        787 => new BrokenReference(e),
        _ => e.SqliteErrorCode is 5 or 6 or 8 or 10 or 11 or 13 or 14 or 26 ? new DatabaseUnavailable(e) : error,
    };

    public override async ValueTask DisposeAsync()
    {
        while (idle.TryTake(out var session))
        {
            await session.DisposeAsync();
        }
        await writer.DisposeAsync();
    }

    // "SQLite Error 19: 'UNIQUE constraint failed: compute_servers.project_id, compute_servers.name'."
    private static DuplicateKey Duplicate(SqliteException e)
    {
        const string Prefix = "UNIQUE constraint failed: ";
        var start = e.Message.IndexOf(Prefix, StringComparison.Ordinal) + Prefix.Length;
        var parts = e.Message[start..].TrimEnd('.').TrimEnd('\'').Split(", ").Select(p => p.Split('.', 2)).ToArray();
        return new DuplicateKey(parts[0][0], [.. parts.Select(p => p[^1])], e);
    }
}
