using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Xunit;

namespace Nephos.Testing;

/// <summary>A world of its own with one operation to start in it; made anew for every run.</summary>
public sealed record OperationScenario
{
    /// <summary>The service's database.</summary>
    public required Db Db { get; init; }
    /// <summary>The operation under test, and those it may hand over to.</summary>
    public required IReadOnlyList<Operation> Kinds { get; init; }
    /// <summary>Starts it as a handler would, and answers with its resource.</summary>
    public required Func<Operations, Task<string>> Start { get; init; }
    /// <summary>Throws unless it has done its work, once.</summary>
    public required Func<Task> AssertDone { get; init; }
    /// <summary>Throws unless everything outside is as before, and the rows say that it failed.</summary>
    public required Func<Task> AssertClean { get; init; }
    /// <summary>Takes the scenario down.</summary>
    public Func<ValueTask> End { get; init; } = () => ValueTask.CompletedTask;
}

/// <summary>
/// What every operation must stand, without a test of its own: each step twice, each step failing before and after its work, each undo
/// twice, and the process lost inside each step and each undo.
/// </summary>
public static class OperationHarness
{
    private static readonly OperationsOptions Quick = new() { Fallback = TimeSpan.FromMilliseconds(20), FallbackMax = TimeSpan.FromMilliseconds(50), RetryAfter = TimeSpan.FromMilliseconds(1) };

    /// <summary>Runs all of it for one kind of operation.</summary>
    public static async Task Run(Func<Task<OperationScenario>> arrange, string kind)
    {
        foreach (var step in await StepsOf(arrange, kind))
        {
            await Once(arrange, kind, $"'{step.Name}' runs twice", succeeds: true, s => s.Name == step.Name ? Twice(s) : s);
            await Lost(arrange, kind, $"the process is lost inside '{step.Name}'", succeeds: true, step.Name, inUndo: false);
            await Once(arrange, kind, $"'{step.Name}' fails before its work", succeeds: false, s => s.Name == step.Name ? Failing(s, after: false) : s);
            await Once(arrange, kind, $"'{step.Name}' fails after its work", succeeds: false, s => s.Name == step.Name ? Failing(s, after: true) : s);
            await Once(arrange, kind, $"'{step.Name}' fails and every undo runs twice", succeeds: false, s => UndoneTwice(s.Name == step.Name ? Failing(s, after: true) : s));
            if (step.Undo is not null)
            {
                await Lost(arrange, kind, $"the process is lost inside the undo of '{step.Name}'", succeeds: false, step.Name, inUndo: true);
            }
        }
    }

    private static async Task<IReadOnlyList<AnyStep>> StepsOf(Func<Task<OperationScenario>> arrange, string kind)
    {
        var scenario = await arrange();
        var steps = scenario.Kinds.Single(k => k.Kind == kind).AnySteps;
        await scenario.End();
        return steps;
    }

    private static async Task Once(Func<Task<OperationScenario>> arrange, string kind, string what, bool succeeds, Func<AnyStep, AnyStep> between)
    {
        var scenario = await arrange();
        scenario.Kinds.Single(k => k.Kind == kind).Between = between;
        try
        {
            await using var runner = await TestRunner.Start(scenario.Db, TimeProvider.System, Quick, scenario.Kinds);
            await Check(scenario, runner, await scenario.Start(runner.Operations), what, succeeds);
        }
        finally
        {
            await scenario.End();
        }
    }

    // The call has done its work and its process dies: another one finds the row as it was before.
    private static async Task Lost(Func<Task<OperationScenario>> arrange, string kind, string what, bool succeeds, string step, bool inUndo)
    {
        var scenario = await arrange();
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dead = false;
        scenario.Kinds.Single(k => k.Kind == kind).Between = s => s.Name != step ? s : inUndo
            ? Failing(s, after: true) with { Undo = async (state, c) => await s.Undo!(state, c) && await Die<bool>(true) }
            : s with { Call = async (state, c) => s.Call is null ? await Die(state) : await s.Call(state, c) is { } next ? await Die(next) : null };
        try
        {
            var first = await TestRunner.Start(scenario.Db, TimeProvider.System, Quick, scenario.Kinds);
            var resource = await scenario.Start(first.Operations);
            await inside.Task.WaitAsync(TimeSpan.FromMinutes(1));
            dead = true;
            await using var second = await TestRunner.Start(scenario.Db, TimeProvider.System, Quick, scenario.Kinds);
            // In order here, since both share this process; a row that is not let go is taken by its epoch in any case.
            await first.Runner.StopAsync(new CancellationTokenSource(TimeSpan.FromMilliseconds(100)).Token);
            first.Runner.Dispose();
            await second.Runner.Sweep();
            await Check(scenario, second, resource, what, succeeds);
        }
        finally
        {
            await scenario.End();
        }

        async Task<T> Die<T>(T value)
        {
            if (!dead)
            {
                inside.TrySetResult();
                await Task.Delay(Timeout.Infinite);
            }
            return value;
        }
    }

    private static async Task Check(OperationScenario scenario, TestRunner runner, string resource, string what, bool succeeds)
    {
        try
        {
            var ended = await runner.Ended(resource);
            Assert.Equal(succeeds ? OperationStatus.Done : OperationStatus.Failed, ended.Status);
            Assert.Null(ended.LeftBehind);
            await (succeeds ? scenario.AssertDone() : scenario.AssertClean());
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"When {what}: {e.Message}", e);
        }
    }

    private static AnyStep Twice(AnyStep step) => step.Call is null ? step : step with
    {
        Call = async (state, c) => await step.Call(state, c) is null ? null : await step.Call(state, c),
    };

    private static AnyStep UndoneTwice(AnyStep step) => step.Undo is null ? step : step with
    {
        Undo = async (state, c) => await step.Undo(state, c) && await step.Undo(state, c),
    };

    private static AnyStep Failing(AnyStep step, bool after) => step with
    {
        Call = async (state, c) => after && step.Call is not null && await step.Call(state, c) is null ? null : throw Fault.Conflict("made to fail by the harness", "Harness"),
        Retry = null,
    };
}
