using System.Reflection;
using Nephos.Kernel.Data;

namespace Nephos.Testing;

/// <summary>An empty database of a test: strict, and gone with it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string? folder;

    private TestDatabase(DatabaseOptions options, TimeProvider time, string? folder)
    {
        Options = options;
        Database = Database.Open(options, time);
        this.folder = folder;
    }

    /// <summary>The database.</summary>
    public Database Database { get; }

    /// <summary>To open it a second time, as another process would.</summary>
    public DatabaseOptions Options { get; }

    /// <summary>Makes one of the kind asked for.</summary>
    public static async Task<TestDatabase> Create(DatabaseKind kind = DatabaseKind.Sqlite, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        if (kind == DatabaseKind.Postgres)
        {
            return new(new() { Postgres = await PostgresCluster.NewDatabase() }, time, null);
        }
        var folder = Directory.CreateTempSubdirectory("nephos-test-").FullName;
        return new(new() { SqlitePath = Path.Combine(folder, "nephos.db"), Durable = false, Strict = true }, time, folder);
    }

    /// <summary>A service's part of it with its tables: the Kernel's, and those of <paramref name="assembly"/>.</summary>
    public async Task<Db> Service(string name, Assembly? assembly = null)
    {
        var db = Database.For(name);
        await Migrations.Apply(db, assembly);
        return db;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
