using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Kernel.Convergence;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Convergence;

public sealed class LoopTests
{
    private sealed class Counting : Loop
    {
        private int inside;
        public int Count { get; private set; }
        public bool Overlapped { get; private set; }
        public Func<Task> Body { get; set; } = () => Task.CompletedTask;
        public override string Name => "test.counting";
        public override TimeSpan Period => TimeSpan.FromMinutes(1);

        public override async Task<object> Run(CancellationToken ct)
        {
            Overlapped |= Interlocked.Increment(ref inside) > 1;
            Count++;
            await Body();
            Interlocked.Decrement(ref inside);
            return new { Count };
        }
    }

    [Fact]
    public async Task A_loop_runs_by_period_and_by_nudge_never_twice_at_once()
    {
        var clock = new ManualTimeProvider();
        var gate = new SemaphoreSlim(0);
        var loop = new Counting { Body = () => gate.WaitAsync() };
        using var runner = new LoopRunner([loop], clock, NullLogger<LoopRunner>.Instance);
        await runner.StartAsync(default);
        await Operations.EngineTests.Until(() => loop.Count == 1);
        // Nudges during a run make one more run, after it.
        loop.Nudge();
        loop.Nudge();
        gate.Release();
        await Operations.EngineTests.Until(() => loop.Count == 2);
        gate.Release();
        await Operations.EngineTests.Until(() => loop.Last?.Runs == 2);
        await Task.Delay(50);
        Assert.Equal(2, loop.Count);
        clock.Advance(TimeSpan.FromMinutes(1));
        await Operations.EngineTests.Until(() => loop.Count == 3);
        gate.Release();
        Assert.False(loop.Overlapped);
        await runner.StopAsync(default);
    }

    [Fact]
    public async Task A_failed_run_is_kept_and_the_next_one_comes()
    {
        var clock = new ManualTimeProvider();
        var loop = new Counting { Body = () => throw new IOException("no") };
        using var runner = new LoopRunner([loop], clock, NullLogger<LoopRunner>.Instance);
        await runner.StartAsync(default);
        await Operations.EngineTests.Until(() => loop.Last?.Error == "no");
        loop.Nudge();
        await Operations.EngineTests.Until(() => loop.Last?.Failures == 2);
        await runner.StopAsync(default);
    }
}
