using System.Security.Cryptography;

using Xunit;

namespace Nephos.Tests.Crash;

/// <summary>A seeded cloud's folder, made once; each test works on a copy.</summary>
public sealed class SeededCloud : IAsyncLifetime
{
    private readonly TempFolder temp = new();

    private string State => temp["seed"];

    internal Census Before { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await using (var world = new CrashWorld(State, null!))
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
        Before = Census.Of(State);
        Assert.Empty(Before.Unfinished);
    }

    /// <summary>A copy: its own cloud, as far as the host can tell.</summary>
    internal CrashWorld Copy()
    {
        var copy = temp[Guid.NewGuid().ToString("N")];
        // Without sockets.
        if (Directory.Exists(Path.Combine(State, "run"))) Directory.Delete(Path.Combine(State, "run"), recursive: true);
        foreach (var folder in Directory.EnumerateDirectories(State, "*", SearchOption.AllDirectories).Prepend(State))
            Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(State, folder)));
        foreach (var file in Directory.EnumerateFiles(State, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(copy, Path.GetRelativePath(State, file)));
        var cloud = RandomNumberGenerator.GetHexString(8, lowercase: true);
        File.WriteAllText(Path.Combine(copy, "cloud-id"), cloud);
        Census.Execute(copy, $"UPDATE link_cloud SET id = '{cloud}'");
        return new CrashWorld(copy, Before);
    }

    public ValueTask DisposeAsync()
    {
        temp.Dispose();
        return ValueTask.CompletedTask;
    }
}
