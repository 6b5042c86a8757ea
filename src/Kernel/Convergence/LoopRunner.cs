using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nephos.Kernel.Convergence;

/// <summary>Runs every registered <see cref="Loop"/>.</summary>
public sealed class LoopRunner(IEnumerable<Loop> loops, TimeProvider time, ILogger<LoopRunner> log) : BackgroundService
{
    private static readonly Meter Meter = new("Nephos.Loops");
    private static readonly Counter<long> Runs = Meter.CreateCounter<long>("nephos_loop_runs", description: "Runs of loops, by loop and outcome.");
    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>("nephos_loop_seconds", "s", "How long a run took.");

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<Loop> Loops { get; } = [.. loops.OrderBy(l => l.Name, StringComparer.Ordinal)];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Loops.Select(l => Task.Run(() => Keep(l, stoppingToken), stoppingToken)));

    private async Task Keep(Loop loop, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var nudged = loop.Nudged();
            await Once(loop, stop);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(nudged, Task.Delay(loop.Period, time, over.Token));
            await over.CancelAsync();
        }
    }

    private async Task Once(Loop loop, CancellationToken stop)
    {
        var (at, began, before) = (time.GetUtcNow(), time.GetTimestamp(), loop.Last);
        object? result = null;
        string? error = null;
        try
        {
            result = await loop.Run(stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            error = e.Message;
            log.LogError(e, "The loop {Loop} failed; it runs again in {Period}", loop.Name, loop.Period);
        }
        catch (Exception)
        {
            return;
        }
        var took = time.GetElapsedTime(began);
        loop.Last = new LoopRun(at, took, result, error, (before?.Runs ?? 0) + 1, error is null ? 0 : (before?.Failures ?? 0) + 1);
        Runs.Add(1, new KeyValuePair<string, object?>("loop", loop.Name), new KeyValuePair<string, object?>("outcome", error is null ? "ok" : "failed"));
        Seconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>("loop", loop.Name));
    }
}

/// <summary>Registers loops.</summary>
public static class LoopServices
{
    /// <summary>Registers a loop and, with the first one, what runs them.</summary>
    public static IServiceCollection AddLoop<TLoop>(this IServiceCollection services) where TLoop : Loop
    {
        services.AddSingleton<TLoop>().AddSingleton<Loop>(p => p.GetRequiredService<TLoop>());
        if (services.All(s => s.ServiceType != typeof(LoopRunner)))
        {
            services.AddSingleton<LoopRunner>();
            services.AddHostedService(p => p.GetRequiredService<LoopRunner>());
        }
        return services;
    }
}
