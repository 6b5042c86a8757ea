using System.Collections.Concurrent;

using Xunit;

namespace Nephos.Tests.Crash;

/// <summary>
/// The program is killed before, inside and after every step of every operation, as by a power cut, and started again: the operation is
/// finished or taken back, and nothing is left behind. Each life recovers from one death and is armed for the next.
/// </summary>
public sealed class KillAtEveryStepTests(SeededCloud seeded, ITestOutputHelper output) : IClassFixture<SeededCloud>
{
    private readonly ConcurrentQueue<string> wrong = [];

    [Fact]
    public async Task Whatever_step_it_is_killed_at_the_next_start_finishes_or_takes_back()
    {
        var cases = await CrashCase.All();
        Assert.Contains(cases, c => c.Operation == "CreateServer");
        Assert.Contains(cases, c => c.Operation == "DeleteServer");
        foreach (var operation in cases.Select(c => c.Operation).Distinct()) Trigger.Of(operation);
        if (Environment.GetEnvironmentVariable("NEPHOS_TEST_CRASH") is { Length: > 0 } only) cases = [.. cases.Where(c => c.ToString().StartsWith(only, StringComparison.Ordinal))];
        // Two at a time: every other case of an operation.
        var lanes = cases.GroupBy(c => c.Operation).SelectMany(g => g.Index()).GroupBy(c => c.Index % 2).Select(g => Lane(CrashCase.Alternating(g.Select(c => c.Item))));
        await Task.WhenAll(lanes);
        output.WriteLine($"{cases.Count} points");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {cases.Count}:\n" + string.Join('\n', wrong));
    }

    private async Task Lane(IReadOnlyList<CrashCase> cases)
    {
        var world = seeded.Copy();
        CrashCase? died = null;
        // One more life in the end, which nobody kills.
        foreach (var next in cases.Select(c => (CrashCase?)c).Append(null))
        {
            var what = died;
            try
            {
                await world.Start(next is not null && next.Operation != died?.Operation ? next.ToString() : null);
                if (died is not null) await Recovered(world, died);
                if (next is null) await world.Clean();
                else
                {
                    if (next.Operation == died?.Operation)
                    {
                        await world.Clean();
                        await world.Start(next.ToString());
                    }
                    await Trigger.Of(next.Operation).Prepare(world);
                    what = next;
                    await world.Ask(() => Trigger.Of(next.Operation).Ask(world, next.IsUndo));
                    await world.Died();
                }
                died = next;
            }
            catch (Exception e)
            {
                wrong.Enqueue($"{what}{(what == died ? $" (then armed for {next})" : "")}: {e.Message.Split('\n')[0]}{(e is Xunit.Sdk.XunitException ? e.Message.Replace('\n', ' ') : "")}");
                output.WriteLine($"{what}: {e}");
                await world.DisposeAsync();
                world = seeded.Copy();
                died = null;
            }
        }
        await world.DisposeAsync();
    }

    private static async Task Recovered(CrashWorld world, CrashCase died)
    {
        await world.Settled();
        await Trigger.Of(died.Operation).Check(world, died.IsUndo);
    }
}
