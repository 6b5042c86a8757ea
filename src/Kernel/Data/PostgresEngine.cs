using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;

namespace Nephos.Kernel.Data;

/// <summary>One PostgreSQL database. READ COMMITTED; a transaction that loses against another runs again as a whole.</summary>
internal sealed partial class PostgresEngine : Engine
{
    private const int Attempts = 10;
    // Locks of incarnations, and the session that listens.
    private const int HeldForGood = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly NpgsqlDataSource source;
    private readonly SemaphoreSlim free;

    public PostgresEngine(DatabaseOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.Postgres)
        {
            MaxAutoPrepare = 200, AutoPrepareMinUsages = 3, NoResetOnClose = true, ApplicationName = "nephos", CommandTimeout = 30, Timeout = 10, IncludeErrorDetail = true,
        };
        free = new SemaphoreSlim(settings.MaxPoolSize);
        settings.MaxPoolSize += HeldForGood;
        source = NpgsqlDataSource.Create(settings);
        Notices = new PostgresNotices(source);
    }

    public NpgsqlDataSource Source => source;

    public PostgresNotices Notices { get; }

    public override bool IsPostgres => true;

    public override bool GateForOne => false;

    public override async ValueTask<Session> Rent() => new PostgresSession(await Open());

    public override void Return(Session session, bool broken) => _ = Close(session);

    public override async Task<T> Transact<T>(Func<Session, Task<T>> body)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Once(body);
            }
            catch (Exception e) when (attempt < Attempts && (e is RunAgain || Translate(e) is RunAgain))
            {
                await Task.Delay(Random.Shared.Next(1, Math.Min(400, 5 << attempt)));
            }
        }
    }

    public override Exception Translate(Exception error) => error switch
    {
        PostgresException { SqlState: "23505" } e => new DuplicateKey(e.TableName ?? "", Columns(e.Detail), e),
        PostgresException { SqlState: "23503" } e => new BrokenReference(e),
        PostgresException { SqlState: "40001" or "40P01" } e => new RunAgain(e),
        PostgresException { SqlState: "2201B" } => Contracts.Fault.Invalid("That is not a regular expression."),
        // Not connected, no resources, shut down, its disk, not let in, no such database.
        PostgresException e => e.SqlState[..2] is "08" or "53" or "57" or "58" or "28" or "3D" ? new DatabaseUnavailable(e) : error,
        NpgsqlException or System.Net.Sockets.SocketException => new DatabaseUnavailable(error),
        _ => error,
    };

    public override async ValueTask DisposeAsync()
    {
        await Notices.DisposeAsync();
        await source.DisposeAsync();
    }

    private async Task<T> Once<T>(Func<Session, Task<T>> body)
    {
        var connection = await Open();
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted);
            var result = await body(new PostgresSession(connection));
            await transaction.CommitAsync();
            return result;
        }
        finally
        {
            await Close(connection);
        }
    }

    // Waits here for a connection, not in Npgsql, which counts the wait among the seconds it may take to connect: many at once are no reason to give up.
    private async Task<NpgsqlConnection> Open()
    {
        if (!await free.WaitAsync(Patience))
        {
            throw new DatabaseUnavailable(new TimeoutException($"No connection was free for {Patience.TotalSeconds} s."));
        }
        try
        {
            return await source.OpenConnectionAsync();
        }
        catch
        {
            free.Release();
            throw;
        }
    }

    private async Task Close(IAsyncDisposable connection)
    {
        try
        {
            await connection.DisposeAsync();
        }
        finally
        {
            free.Release();
        }
    }

    // "Key (project_id, name)=(a, b) already exists."
    private static string[] Columns(string? detail) =>
        detail is not null && Key().Match(detail) is { Success: true } match ? match.Groups[1].Value.Split(", ") : [];

    [GeneratedRegex(@"^Key \((.*?)\)=")]
    private static partial Regex Key();
}

/// <summary>A connection from Npgsql's pool; Npgsql itself prepares what is used often.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection) : Session
{
    public override DbCommand Rent(SqlText sql)
    {
        var command = new NpgsqlCommand(sql.Render(postgres: true), connection);
        Bind(sql, command.Parameters);
        return command;
    }

    public override void Return(DbCommand command) => command.Dispose();

    public override async Task Read(IReadOnlyList<SqlText> statements, Func<int, string, DbDataReader, Task> use)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in statements)
        {
            var command = new NpgsqlBatchCommand(sql.Render(postgres: true));
            Bind(sql, command.Parameters);
            batch.BatchCommands.Add(command);
        }
        await using var reader = await batch.ExecuteReaderAsync();
        for (var i = 0; i < statements.Count; i++)
        {
            await use(i, batch.BatchCommands[i].CommandText, reader);
            await reader.NextResultAsync();
        }
    }

    public override async Task Run(string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    private static void Bind(SqlText sql, NpgsqlParameterCollection parameters)
    {
        foreach (var value in sql.Values)
        {
            parameters.Add(new NpgsqlParameter { NpgsqlDbType = value.Type, Value = value.Value ?? DBNull.Value });
        }
    }
}
