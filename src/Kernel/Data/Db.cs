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
        return await reader.ReadAsync() ? RowReader<T>.For(text, reader)(reader) : default;
    });

    /// <summary>The first column of the first row, or the default.</summary>
    public Task<T?> Scalar<T>(SqlText sql) => One<T>(sql);

    /// <summary>All rows. For lists that users ask for, <see cref="Stream"/> or <see cref="Page"/>.</summary>
    public Task<List<T>> Query<T>(SqlText sql) => Run(sql, async (command, text) =>
    {
        await using var reader = await command.ExecuteReaderAsync();
        var read = RowReader<T>.For(text, reader);
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }
        return rows;
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
        try
        {
            var command = session.Rent(sql);
            await using (var reader = await Guarded(() => command.ExecuteReaderAsync(ct), () => broken = true))
            {
                var read = RowReader<T>.For(command.CommandText, reader);
                while (await Guarded(() => reader.ReadAsync(ct), () => broken = true))
                {
                    yield return read(reader);
                }
            }
            session.Return(command);
        }
        finally
        {
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
        if (database.Ambient(this) is { } transaction)
        {
            return Inside(transaction, sql, use);
        }
        return database.Engine.GateForOne && !Statements.OnlyReads(sql)
            ? database.Transact(this, () => Inside(database.Ambient(this)!, sql, use))
            : Alone(sql, use);
    }

    private async Task<T> Inside<T>(Transaction transaction, SqlText sql, Func<DbCommand, string, Task<T>> use)
    {
        try
        {
            return await Use(transaction.Session, sql, use);
        }
        catch (Exception e)
        {
            transaction.Failed = true;
            throw database.Translated(e);
        }
    }

    private async Task<T> Alone<T>(SqlText sql, Func<DbCommand, string, Task<T>> use)
    {
        for (var attempt = 1; ; attempt++)
        {
            var session = await Open();
            var whole = false;
            try
            {
                var result = await Use(session, sql, use);
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

    private static async Task<T> Use<T>(Session session, SqlText sql, Func<DbCommand, string, Task<T>> use)
    {
        var command = session.Rent(sql);
        try
        {
            var result = await use(command, command.CommandText);
            session.Return(command);
            return result;
        }
        catch
        {
            // Not back among the prepared ones: it may stand in the middle of its rows.
            await command.DisposeAsync();
            throw;
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
