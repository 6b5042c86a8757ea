using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Nephos.Kernel.Data;

/// <summary>A SQLite connection that keeps its prepared statements.</summary>
internal sealed class SqliteSession : Session
{
    private const int MaxPrepared = 300;
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> idle = new(StringComparer.Ordinal);

    public SqliteSession(string path, bool durable, bool readOnly)
    {
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, ForeignKeys = true, DefaultTimeout = 30 }.ConnectionString);
        connection.Open();
        Execute($"""
            PRAGMA busy_timeout = 10000;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = {(durable ? "FULL" : "NORMAL")};
            PRAGMA case_sensitive_like = ON;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = {(readOnly ? -2000 : -8000)};
            PRAGMA query_only = {(readOnly ? "ON" : "OFF")};
            """);
        connection.CreateFunction("regexp", (string pattern, string? text) => UserRegex.IsMatch(pattern, text), isDeterministic: true);
    }

    public override DbCommand Rent(SqlText sql)
    {
        var text = sql.Render(postgres: false);
        if (!idle.Remove(text, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = text;
            for (var i = 1; i <= sql.Values.Count; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i });
            }
        }
        for (var i = 0; i < sql.Values.Count; i++)
        {
            command.Parameters[i].Value = sql.Values[i].ForSqlite;
        }
        return command;
    }

    public override void Return(DbCommand command)
    {
        if (idle.Count >= MaxPrepared)
        {
            foreach (var old in idle.Values)
            {
                old.Dispose();
            }
            idle.Clear();
        }
        if (!idle.TryAdd(command.CommandText, (SqliteCommand)command))
        {
            command.Dispose();
        }
    }

    public void Execute(string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    public override Task Run(string text)
    {
        Execute(text);
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var command in idle.Values)
        {
            await command.DisposeAsync();
        }
        await connection.DisposeAsync();
    }
}
