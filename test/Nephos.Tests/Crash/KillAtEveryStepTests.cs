using System.Collections.Concurrent;
using Nephos.Testing;
using Xunit;

namespace Nephos.Tests.Crash;

/// <summary>
/// The program is killed before, inside and after every step, as by a power cut, and started again: the operation is finished or taken
/// back, and nothing is left behind.
/// </summary>
public abstract class KillAtEveryStep(SeededCloud seeded, ITestOutputHelper output)
{
    private readonly ConcurrentQueue<string> wrong = [];

    internal async Task Kill(IReadOnlyList<CrashCase> cases)
    {
        Assert.NotEmpty(cases);
        foreach (var at in cases) Trigger.Of(at);
        if (Environment.GetEnvironmentVariable("NEPHOS_TEST_CRASH") is { Length: > 0 } only) cases = [.. cases.Where(c => c.ToString().StartsWith(only, StringComparison.Ordinal))];
        // Two at a time.
        await Task.WhenAll(cases.Index().GroupBy(c => c.Index % 2).Select(g => Lane([.. g.Select(c => c.Item)])));
        output.WriteLine($"{cases.Count} points");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {cases.Count}:\n" + string.Join('\n', wrong));
    }

    private async Task Lane(IReadOnlyList<CrashCase> cases)
    {
        CrashWorld? world = null;
        foreach (var at in cases)
        {
            try
            {
                if (world is null) await (world = await seeded.Copy()).Start();
                await Die(world, at);
            }
            catch (Exception e)
            {
                wrong.Enqueue($"{at}: {e.Message.Split('\n')[0]}{(e is Xunit.Sdk.XunitException ? e.Message.Replace('\n', ' ') : "")}");
                output.WriteLine($"{at}: {e}\n{world?.Errors()}");
                if (world is not null) await world.DisposeAsync();
                world = null;
            }
        }
        if (world is null) return;
        await world.Clean();
        await world.DisposeAsync();
    }

    private static async Task Die(CrashWorld world, CrashCase at)
    {
        var trigger = Trigger.Of(at);
        await trigger.Prepare(world);
        world.Fail(at.IsUndo ? trigger.Fails : null);
        world.Arm(at);
        await world.Ask(() => trigger.Ask(world));
        await world.Died();
        await world.Start();
        await world.Settled();
        world.Fail(null);
        await trigger.Check(world, at.IsUndo);
    }
}

/// <summary>Every step of every operation and of the node.</summary>
[Collection(nameof(KillAtEveryStep))]
public sealed class KillAtEveryStepTests(SeededCloud seeded, ITestOutputHelper output) : KillAtEveryStep(seeded, output), IClassFixture<SeededCloud>
{
    [Fact]
    public async Task Whatever_step_it_is_killed_at_the_next_start_finishes_or_takes_back() => await Kill(await CrashCase.All());
}

/// <summary>Making and removing a server, and what is taken back, on the other database.</summary>
[Collection(nameof(KillAtEveryStep))]
public sealed class KillAtEveryStepOnPostgresTests(SeededPostgresCloud seeded, ITestOutputHelper output) : KillAtEveryStep(seeded, output), IClassFixture<SeededPostgresCloud>
{
    [Fact]
    public async Task Whatever_step_it_is_killed_at_the_next_start_finishes_or_takes_back()
    {
        if (PostgresCluster.Missing is { } why) Assert.Skip(why);
        // Before a step the rows are as after the one before it.
        var cases = (await CrashCase.All()).Where(c => c.Operation is "CreateServer" or "DeleteServer" || c.IsUndo).ToList();
        await Kill([.. cases.Where((c, i) => c.Where != "before" || i == 0 || cases[i - 1].Operation != c.Operation || cases[i - 1].IsUndo != c.IsUndo)]);
    }
}
