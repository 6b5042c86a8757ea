using System.Globalization;
using Spectre.Console;

namespace Nephos.Quickstart;

/// <summary>The parts of a quickstart and how long each took: bars on a terminal, one line each elsewhere.</summary>
sealed class Phases
{
    readonly List<(string Name, TimeSpan Took)> done = [];
    readonly TimeProvider time = TimeProvider.System;

    /// <summary>Phases that the start script did before us: <c>packages=1200,build=34000</c>, in milliseconds.</summary>
    public Phases(string? before)
    {
        foreach (var part in (before ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            if (part.Split('=') is [var name, var took] && long.TryParse(took, CultureInfo.InvariantCulture, out var milliseconds)) done.Add((name, TimeSpan.FromMilliseconds(milliseconds)));
    }

    public IReadOnlyList<(string Name, TimeSpan Took)> Done => done;

    /// <summary>Runs one phase after the other.</summary>
    public async Task Run(IReadOnlyList<(string Name, Func<Action<string>, Task> Act)> phases)
    {
        if (Console.IsOutputRedirected)
        {
            foreach (var (name, act) in phases)
            {
                await Timed(name, () => act(_ => { }));
                Console.WriteLine($"{name}: {done[^1].Took.TotalSeconds:0.0} s");
            }
            return;
        }
        await AnsiConsole.Progress().Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn()).StartAsync(async context =>
        {
            var bars = phases.Select(p => context.AddTask(p.Name, autoStart: false)).ToList();
            foreach (var ((name, act), bar) in phases.Zip(bars))
            {
                bar.StartTask();
                bar.IsIndeterminate = true;
                await Timed(name, () => act(text => bar.Description = Markup.Escape($"{name}: {text}")));
                bar.Description = name;
                bar.IsIndeterminate = false;
                bar.Value = bar.MaxValue;
                bar.StopTask();
            }
        });
    }

    async Task Timed(string name, Func<Task> act)
    {
        var began = time.GetTimestamp();
        await act();
        done.Add((name, time.GetElapsedTime(began)));
    }
}
