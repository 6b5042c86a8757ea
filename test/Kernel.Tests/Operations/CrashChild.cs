using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Testing;

namespace Nephos.Kernel.Tests.Operations;

/// <summary>A process that builds a house, or is killed at <c>NEPHOS_CRASH</c>. Its world is a folder, so that it outlives the process.</summary>
internal static class CrashChild
{
    public static readonly OperationsOptions Options = new() { AllowCrash = true, Fallback = TimeSpan.FromMilliseconds(20), RetryAfter = TimeSpan.FromMilliseconds(1) };

    public static async Task<int> Run()
    {
        await using var database = Database.Open(new DatabaseOptions
        {
            SqlitePath = Environment.GetEnvironmentVariable("TEST_SQLITE"), Postgres = Environment.GetEnvironmentVariable("TEST_POSTGRES"), Durable = false,
        });
        var (db, fails) = (database.For("demo"), Environment.GetEnvironmentVariable("TEST_FAIL"));
        await using var runner = await TestRunner.Start(db, TimeProvider.System, Options, new BuildHouse(db, InFolder(Environment.GetEnvironmentVariable("TEST_WORLD")!, fails)));
        var id = await Houses.Order(db, runner.Operations);
        await runner.Ended($"house/{id}");
        return 0;
    }

    public static World InFolder(string folder, string? fails)
    {
        var world = new World();
        world.On = (what, _) =>
        {
            var undo = what.StartsWith("undo-", StringComparison.Ordinal);
            var file = Path.Combine(folder, undo ? what[5..] : what);
            if (undo)
            {
                File.Delete(file);
            }
            else
            {
                File.WriteAllText(file, "");
            }
            return what == fails ? throw Contracts.Fault.Conflict("no tiles") : Task.FromResult(true);
        };
        return world;
    }
}
