using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Nephos.Kernel.Data;

/// <summary>One SQLite file or one PostgreSQL database, shared by all services; each works through its own <see cref="Db"/>.</summary>
public sealed class Database : IAsyncDisposable
{
    private static readonly AsyncLocal<Transaction?> Current = new();

    internal Database(Engine engine, TimeProvider time, ILogger log)
    {
        Engine = engine;
        Time = time;
        Log = log;
    }

    /// <summary>True on PostgreSQL, where several controllers may share the database.</summary>
    public bool IsPostgres => Engine.IsPostgres;

    /// <summary>Where times in rows come from.</summary>
    public TimeProvider Time { get; }

    internal Engine Engine { get; }

    internal ILogger Log { get; }

    /// <summary>What other controllers tell; null on SQLite, where there are none.</summary>
    internal PostgresNotices? Notices => (Engine as PostgresEngine)?.Notices;

    /// <summary>Tests: gets each statement before it runs.</summary>
    internal Action<SqlText>? Watch { get; set; }

    /// <summary>Opens (SQLite: or makes) a database. Tables come with <see cref="Migrations"/>.</summary>
    public static Database Open(DatabaseOptions options, TimeProvider? time = null, ILoggerFactory? logs = null) => new(
        options.Postgres is null ? new SqliteEngine(options) : new PostgresEngine(options),
        time ?? TimeProvider.System, (logs ?? NullLoggerFactory.Instance).CreateLogger("Nephos.Database"));

    /// <summary>A service's part of the database, for tools and tests; services declare a class of their own (<see cref="Db"/>).</summary>
    public Db For(string service) => new ServiceDb(this, service);

    /// <summary>Asks the database once: what would only show later as wrong answers is said now.</summary>
    /// <exception cref="DatabaseUnavailable">It cannot be reached, or is not made as it must be.</exception>
    public async Task Check()
    {
        if (!IsPostgres)
        {
            return;
        }
        var (name, encoding, order) = await For("kernel").One<(string, string, string)>(
            $"SELECT datname::text, pg_encoding_to_char(encoding)::text, datcollate::text FROM pg_database WHERE datname = current_database()");
        if (encoding != "UTF8" || order is not ("C" or "POSIX" or "C.UTF-8" or "C.utf8"))
        {
            throw new DatabaseUnavailable(new NotSupportedException(
                $"{name} has the encoding {encoding} and the sort order {order}, which would sort names otherwise than services compare them; make it by: createdb --template=template0 --encoding=UTF8 --locale=C {name}"));
        }
    }

    /// <summary>A consistent copy of a SQLite database in a new file.</summary>
    public async Task CopyTo(string path)
    {
        if (IsPostgres)
        {
            throw new NotSupportedException("PostgreSQL is copied with pg_dump.");
        }
        var session = await Engine.Rent();
        try
        {
            await session.Run($"PRAGMA query_only = OFF; VACUUM INTO '{path.Replace("'", "''", StringComparison.Ordinal)}'");
        }
        finally
        {
            // No more a reader.
            Engine.Return(session, broken: true);
        }
    }

    /// <summary>Throws when a transaction is open here: called before anything that leaves the process (a request, a command, another service).</summary>
    public static void AssertOutside(string what)
    {
        if (Current.Value is { Ended: false } open)
        {
            throw new InvalidOperationException($"{what} inside a transaction of {open.Owner.Service}.");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    internal Transaction? Ambient(Db asking)
    {
        if (Current.Value is not { Ended: false } open)
        {
            return null;
        }
        if (open.Owner.Service != asking.Service || open.Owner.Database != this)
        {
            throw new InvalidOperationException($"{asking.Service} is asked inside a transaction of {open.Owner.Service}; no transaction spans two services.");
        }
        return open.Failed ? throw new InvalidOperationException("An earlier statement of this transaction failed; put what may fail into a nested InTransaction.") : open;
    }

    internal async Task<T> Transact<T>(Db owner, Func<Task<T>> body)
    {
        if (Ambient(owner) is { } outer)
        {
            return await outer.Nested(body);
        }
        Transaction? transaction = null;
        try
        {
            var result = await Engine.Transact(async session =>
            {
                transaction = new Transaction(owner, session);
                Current.Value = transaction;
                try
                {
                    var inner = await body();
                    return transaction.Failed
                        ? throw new InvalidOperationException("A statement failed in this transaction and its error was swallowed; put what may fail into a nested InTransaction.")
                        : inner;
                }
                finally
                {
                    transaction.Ended = true;
                }
            });
            transaction!.RunCommitted();
            return result;
        }
        catch (Exception e)
        {
            throw Translated(e);
        }
    }

    internal Exception Translated(Exception error)
    {
        var translated = Engine.Translate(error);
        if (translated is DatabaseUnavailable && translated != error)
        {
            Log.LogError(error, "The database cannot be used");
        }
        return translated;
    }

    private sealed class ServiceDb(Database database, string service) : Db(database, service);
}
