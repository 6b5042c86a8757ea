using System.Data.Common;

namespace Nephos.Kernel.Data;

/// <summary>One connection, used by one caller at a time.</summary>
internal abstract class Session : IAsyncDisposable
{
    /// <summary>A command with its values set; give it back when its reader is closed.</summary>
    public abstract DbCommand Rent(SqlText sql);

    public abstract void Return(DbCommand command);

    /// <summary>Runs one statement.</summary>
    public async Task<T> Use<T>(SqlText sql, Func<DbCommand, string, Task<T>> use)
    {
        var command = Rent(sql);
        try
        {
            var result = await use(command, command.CommandText);
            Return(command);
            return result;
        }
        catch
        {
            // Not back among the prepared ones: it may stand in the middle of its rows.
            await command.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks several statements, at once where the database is far; <paramref name="use"/> gets the number, the text and the rows of each, in order.</summary>
    public virtual async Task Read(IReadOnlyList<SqlText> statements, Func<int, string, DbDataReader, Task> use)
    {
        for (var i = 0; i < statements.Count; i++)
        {
            var number = i;
            await Use(statements[i], async (command, text) =>
            {
                await using var reader = await command.ExecuteReaderAsync();
                await use(number, text, reader);
                return true;
            });
        }
    }

    /// <summary>Runs a constant text without values, perhaps several statements.</summary>
    public abstract Task Run(string text);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What differs between the two databases.</summary>
internal abstract class Engine : IAsyncDisposable
{
    public abstract bool IsPostgres { get; }

    /// <summary>A connection for one reading statement; give it back.</summary>
    public abstract ValueTask<Session> Rent();

    public abstract void Return(Session session, bool broken);

    /// <summary>Runs a body in a transaction of its own; what it throws rolls it back.</summary>
    public abstract Task<T> Transact<T>(Func<Session, Task<T>> body);

    /// <summary>True when one writing statement needs <see cref="Transact"/> around it.</summary>
    public abstract bool GateForOne { get; }

    /// <summary>What the database said, in our words; the exception itself if it is none of the database's.</summary>
    public abstract Exception Translate(Exception error);

    public abstract ValueTask DisposeAsync();
}
