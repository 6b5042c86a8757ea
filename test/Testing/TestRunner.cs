using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Testing;

/// <summary>Operations of one service, running in the test's process.</summary>
public sealed class TestRunner : IAsyncDisposable
{
    private TestRunner(Operations operations, OperationsRunner runner)
    {
        Operations = operations;
        Runner = runner;
    }

    /// <summary>To start and nudge with.</summary>
    public Operations Operations { get; }

    /// <summary>What runs them.</summary>
    public OperationsRunner Runner { get; }

    /// <summary>Starts a runner, as a process of its own would.</summary>
    public static async Task<TestRunner> Start(Db db, TimeProvider time, OperationsOptions? options, params IEnumerable<Operation> kinds)
    {
        var operations = new Operations(db);
        var runner = new OperationsRunner(operations, kinds, options ?? new() { Fallback = TimeSpan.FromMilliseconds(200), RetryAfter = TimeSpan.FromMilliseconds(5) }, time, NullLogger<OperationsRunner>.Instance);
        await runner.StartAsync(CancellationToken.None);
        return new(operations, runner);
    }

    /// <summary>Waits until the resource has no live operation, and answers with its last one.</summary>
    public async Task<OperationView> Ended(string resource)
    {
        var until = DateTimeOffset.UtcNow.AddSeconds(60);
        while (await Operations.IsLive(resource))
        {
            if (DateTimeOffset.UtcNow > until)
            {
                var now = (await Operations.Of(resource))[^1];
                throw new TimeoutException($"{resource} still has a live operation: {now}");
            }
            await Task.Delay(5);
        }
        return (await Operations.Of(resource))[^1];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Runner.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token);
        Runner.Dispose();
    }
}
