using System.Data.Common;
using Microsoft.Data.Sqlite;
using Nephos.Kernel.Data;
using Nephos.Testing;
using Npgsql;

namespace Nephos.Tests.Crash;

/// <summary>The database of a cloud, read and changed behind its back.</summary>
/// <param name="state">The cloud's folder, which holds it unless it is in PostgreSQL.</param>
/// <param name="postgres">Connection string, or null for SQLite.</param>
internal sealed class Books(string state, string? postgres)
{
    /// <summary>For <c>--database</c>; null for SQLite.</summary>
    public string? Url => postgres is null ? null : new NpgsqlConnectionStringBuilder(postgres) is var at ? $"postgresql://{at.Username}@localhost/{at.Database}?host={Uri.EscapeDataString(at.Host!)}" : null;

    /// <summary>The same for another folder: its own database, with what is in this one. (A file is copied with its folder.)</summary>
    public async Task<Books> Copy(string folder) => new(folder, postgres is null ? null : await PostgresCluster.NewDatabase(postgres));

    /// <summary>Every table with its columns.</summary>
    public ILookup<string, string> Tables() => Query(
        postgres is null ? "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'" : "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'",
        row => (Table: row.GetString(0), Column: row.GetString(1))).ToLookup(r => r.Table, r => r.Column);

    public long Count(string from) => Query($"SELECT COUNT(*) FROM {from}", row => row.GetInt64(0))[0];

    public IReadOnlyList<string> Texts(string sql) => Query(sql, row => row.GetValue(0).ToString()!);

    public void Execute(string sql) => Query(sql, _ => 0);

    private List<T> Query<T>(string sql, Func<DbDataReader, T> read)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A test's own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    private DbConnection Open()
    {
        SqliteNative.Load();
        DbConnection connection = postgres is null
            ? new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(state, "controller", "nephos.db"), Pooling = false }.ToString())
            : new NpgsqlConnection(postgres + ";Pooling=false");
        connection.Open();
        return connection;
    }
}
