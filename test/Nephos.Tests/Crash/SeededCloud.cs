using System.Security.Cryptography;
using Nephos.Testing;
using Xunit;

namespace Nephos.Tests.Crash;

/// <summary>A seeded cloud's folder and database, made once; each test works on a copy.</summary>
public class SeededCloud : IAsyncLifetime
{
    private readonly TempFolder temp = new();
    private Books books = null!;
    private Census before = null!;

    private string State => temp["seed"];

    /// <summary>Connection string of an empty PostgreSQL database; null for SQLite.</summary>
    protected virtual Task<string?> Database() => Task.FromResult<string?>(null);

    public async ValueTask InitializeAsync()
    {
        books = new Books(State, await Database());
        await using (var world = new CrashWorld(State, books, null!))
        {
            await world.Start();
            while (!File.Exists(Path.Combine(State, "seeded"))) await Task.Delay(50);
            await world.LogIn();
            // So that bases are there already, and so is what a network gets with its first server.
            await world.CreateServer("first");
            await world.Settled();
            await world.DeleteServer();
            await world.Settled();
        }
        before = Census.Of(State, books);
        Assert.Empty(before.Unfinished);
    }

    /// <summary>A copy: its own cloud, as far as the host can tell.</summary>
    internal async Task<CrashWorld> Copy()
    {
        var copy = temp[Guid.NewGuid().ToString("N")];
        // Without sockets.
        if (Directory.Exists(Path.Combine(State, "run"))) Directory.Delete(Path.Combine(State, "run"), recursive: true);
        foreach (var folder in Directory.EnumerateDirectories(State, "*", SearchOption.AllDirectories).Prepend(State))
            Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(State, folder)));
        foreach (var file in Directory.EnumerateFiles(State, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(copy, Path.GetRelativePath(State, file)));
        var cloud = RandomNumberGenerator.GetHexString(8, lowercase: true);
        File.WriteAllText(Path.Combine(copy, "cloud-id"), cloud);
        var own = await books.Copy(copy);
        own.Execute($"UPDATE link_cloud SET id = '{cloud}'");
        return new CrashWorld(copy, own, before);
    }

    public ValueTask DisposeAsync()
    {
        temp.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>The same on PostgreSQL.</summary>
public sealed class SeededPostgresCloud : SeededCloud
{
    protected override async Task<string?> Database() => await PostgresCluster.NewDatabase();
}
