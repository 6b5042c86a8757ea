using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Nephos.Testing;

/// <summary>
/// A private PostgreSQL on a unix socket, started once per test process. It lives as long as a pipe from this process is open, and then
/// removes its files by itself: also a killed test run leaves neither processes nor files.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "Tests start a database server.")]
public sealed class PostgresCluster
{
    private static readonly Lazy<Task<PostgresCluster>> Started = new(Start);
    private static int databases;
    private readonly string folder;

    // Held, because the server ends when its input closes.
    private readonly Process server;

    private PostgresCluster(string folder, Process server)
    {
        this.folder = folder;
        this.server = server;
    }

    /// <summary>Why there is none here, or null.</summary>
    public static string? Missing { get; } = Programs() is null ? "PostgreSQL is not installed (apt-get install postgresql)." : null;

    /// <summary>The connection string of a new database: an empty one, or a copy of one that nobody uses.</summary>
    /// <param name="original">Connection string of that one.</param>
    public static async Task<string> NewDatabase(string? original = null)
    {
        var cluster = await Started.Value;
        var name = $"test{Interlocked.Increment(ref databases)}";
        await using var connection = new NpgsqlConnection(cluster.ConnectionString("postgres"));
        await connection.OpenAsync();
        var template = original is null ? "" : " TEMPLATE " + new NpgsqlConnectionStringBuilder(original).Database;
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}{template}", connection);
        await command.ExecuteNonQueryAsync();
        return cluster.ConnectionString(name);
    }

    private string ConnectionString(string database) => !server.HasExited
        ? $"Host={folder};Username=test;Database={database};Maximum Pool Size=20;Connection Idle Lifetime=10"
        : throw new InvalidOperationException("The test database server has ended.");

    private static async Task<PostgresCluster> Start()
    {
        var folder = Directory.CreateTempSubdirectory("nephos-pg-").FullName;
        var programs = Programs()!;
        var script = $"""
            set -e
            trap '' INT
            {programs}/initdb -D {folder}/data -U test -A trust --locale=C --encoding=UTF8 --no-sync >{folder}/log 2>&1
            {programs}/postgres -D {folder}/data -k {folder} -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c deadlock_timeout=50ms -c shared_buffers=32MB >>{folder}/log 2>&1 </dev/null &
            echo started
            cat >/dev/null
            kill -QUIT $!
            wait $! || true
            cd /
            rm -rf {folder}
            """;
        var start = new ProcessStartInfo { FileName = "/bin/sh", RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Environment.UserName == "root")
        {
            // initdb and postgres refuse root.
            using var owner = Process.Start("chown", ["postgres", folder]);
            await owner.WaitForExitAsync();
            start.FileName = "runuser";
            start.ArgumentList.Add("-u");
            start.ArgumentList.Add("postgres");
            start.ArgumentList.Add("--");
            start.ArgumentList.Add("/bin/sh");
            start.WorkingDirectory = folder;
        }
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        var server = Process.Start(start)!;
        if (await server.StandardOutput.ReadLineAsync() != "started")
        {
            throw new InvalidOperationException("initdb failed: " + await File.ReadAllTextAsync(Path.Combine(folder, "log")));
        }
        var cluster = new PostgresCluster(folder, server);
        await cluster.WaitUntilReady();
        return cluster;
    }

    private async Task WaitUntilReady()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (attempt < 300)
            {
                await Task.Delay(50);
            }
        }
    }

    private static string? Programs() => !Directory.Exists("/usr/lib/postgresql") ? null : Directory.GetDirectories("/usr/lib/postgresql")
        .Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "postgres"))).Max();
}
