using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Nephos.Kernel.Data;

/// <summary>
/// A service's part of the database. Each service declares <c>internal sealed class ComputeDb(Database database) : Db(database, "compute");</c>
/// and asks for that. Names of its tables begin with <see cref="Service"/> and an underscore, in the SQL text itself.
/// </summary>
public abstract class Db(Database database, string service)
{
    /// <summary>The whole.</summary>
    public Database Database => database;

    /// <summary>The prefix of the tables.</summary>
    public string Service => service;

    /// <summary>Now, for rows.</summary>
    public DateTimeOffset Now => database.Time.GetUtcNow();

    /// <summary>Numbers that rise with every transaction that takes one.</summary>
    public Counters Counters => new(this);

    /// <summary>The name of a kernel table of this service.</summary>
    internal SqlText Table(string name) => Sql.Raw(service + "_" + name);

    /// <summary>The first row, or null (for values: the default).</summary>
    public Task<T?> One<T>(SqlText sql) => Run(sql, async (command, text) =>
    {
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? RowReader<T>.For(text, reader)(reader, null) : default;
    });

    /// <summary>The first column of the first row, or the default.</summary>
    public Task<T?> Scalar<T>(SqlText sql) => One<T>(sql);

    /// <summary>All rows. For lists that users ask for, <see cref="Stream"/> or <see cref="Page"/>.</summary>
    public Task<List<T>> Query<T>(SqlText sql) => Run(sql, async (command, text) =>
    {
        await using var reader = await command.ExecuteReaderAsync();
        var (read, texts) = (RowReader<T>.For(text, reader), new JsonTexts());
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader, texts));
        }
        return rows;
    });

    /// <summary>Reads what belongs to rows from other tables: all kinds at once, one statement each.</summary>
    public Task Fill<T>(IReadOnlyList<T> rows, params IReadOnlyList<Part<T>> parts) => rows.Count == 0 || parts.Count == 0 ? Task.CompletedTask : Run(writes: false, async session =>
    {
        await session.Read([.. parts.Select(p => p.Sql)], (i, text, reader) => parts[i].Give(text, reader, rows));
        return true;
    });

    /// <summary>Runs a statement; the number of rows it changed.</summary>
    public Task<int> Execute(SqlText sql) => Run(sql, (command, _) => command.ExecuteNonQueryAsync());

    /// <summary>Runs a statement; true if it changed a row.</summary>
    public async Task<bool> Changed(SqlText sql) => await Execute(sql) > 0;

    /// <summary>Rows as they are read; nothing is kept. Holds a connection until the end.</summary>
    public async IAsyncEnumerable<T> Stream<T>(SqlText sql, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var transaction = database.Ambient(this);
        var session = transaction?.Session ?? await Open();
        // False also when the caller stops early: the reader is closed in order then, and the connection is as good as before.
        var broken = false;
        DbCommand? command = null;
        try
        {
            command = session.Rent(sql);
            await using var reader = await Guarded(() => command.ExecuteReaderAsync(ct), () => broken = true);
            var (read, texts) = (RowReader<T>.For(command.CommandText, reader), new JsonTexts());
            while (await Guarded(() => reader.ReadAsync(ct), () => broken = true))
            {
                yield return read(reader, texts);
            }
        }
        finally
        {
            if (command is not null && !broken)
            {
                session.Return(command);
            }
            else if (command is not null)
            {
                await command.DisposeAsync();
            }
            if (transaction is null)
            {
                database.Engine.Return(session, broken);
            }
        }
    }

    /// <summary>The first row as it is stored, or null.</summary>
    internal Task<object?[]?> Values(SqlText sql) => Run(sql, async (command, _) =>
    {
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? [.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))] : (object?[]?)null;
    });

    /// <summary>One page of a list.</summary>
    public Task<Page<T>> Page<T>(ListSql list) => list.Read<T>(this);

    /// <summary>
    /// Runs <paramref name="body"/> in a transaction; an exception takes everything back. Inside another of the same service it is a part
    /// that may fail alone. The body may run more than once and may touch nothing but this database.
    /// </summary>
    public Task<T> InTransaction<T>(Func<Task<T>> body) => database.Transact(this, body);

    /// <inheritdoc cref="InTransaction{T}"/>
    public Task InTransaction(Func<Task> body) => database.Transact(this, async () =>
    {
        await body();
        return true;
    });

    /// <summary>
    /// Lets one transaction after the other do what has this name, each until it ends, in the order in which they come. For what many want at
    /// once: a row that sixty wait for wakes all of them with each commit, only for one of them to get it.
    /// </summary>
    public Task Queue(string name)
    {
        RequireTransaction();
        // SQLite has one writer at a time.
        return database.IsPostgres ? Execute($"SELECT pg_advisory_xact_lock(hashtextextended({service + "/" + name}, 0))") : Task.CompletedTask;
    }

    /// <summary>Runs <paramref name="action"/> once what is written now is committed; at once without a transaction.</summary>
    public void AfterCommit(Action action)
    {
        if (database.Ambient(this) is { } transaction)
        {
            transaction.AfterCommit(action);
        }
        else
        {
            action();
        }
    }

    /// <summary>Throws unless a transaction is open: for what must be written together with the change it belongs to.</summary>
    public void RequireTransaction([CallerMemberName] string what = "")
    {
        if (database.Ambient(this) is null)
        {
            throw new InvalidOperationException($"{what} belongs into the transaction of the change it is about.");
        }
    }

    private Task<T> Run<T>(SqlText sql, Func<DbCommand, string, Task<T>> use)
    {
        database.Watch?.Invoke(sql);
        return Run(database.Engine.GateForOne && !Statements.OnlyReads(sql), session => session.Use(sql, use));
    }

    private Task<T> Run<T>(bool writes, Func<Session, Task<T>> use)
    {
        if (database.Ambient(this) is { } transaction)
        {
            return Inside(transaction, use);
        }
        return writes ? database.Transact(this, () => Inside(database.Ambient(this)!, use)) : Alone(use);
    }

    private async Task<T> Inside<T>(Transaction transaction, Func<Session, Task<T>> use)
    {
        try
        {
            return await use(transaction.Session);
        }
        catch (Exception e)
        {
            transaction.Failed = true;
            throw database.Translated(e);
        }
    }

    private async Task<T> Alone<T>(Func<Session, Task<T>> use)
    {
        for (var attempt = 1; ; attempt++)
        {
            var session = await Open();
            var whole = false;
            try
            {
                var result = await use(session);
                whole = true;
                return result;
            }
            catch (Exception e)
            {
                var translated = database.Translated(e);
                if (translated is not RunAgain || attempt == 10)
                {
                    throw translated;
                }
            }
            finally
            {
                database.Engine.Return(session, broken: !whole);
            }
        }
    }

    private Task<Session> Open() => Guarded(() => database.Engine.Rent().AsTask());

    private async Task<T> Guarded<T>(Func<Task<T>> action, Action? failed = null)
    {
        try
        {
            return await action();
        }
        catch (Exception e)
        {
            failed?.Invoke();
            throw database.Translated(e);
        }
    }
}
