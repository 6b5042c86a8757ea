using System.Globalization;
using System.Net.Http.Json;
using Nephos.Link;
using Nephos.Operators;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos loops</c>: what keeps the rows true, when it last ran, and why it fails where it does. Exit code 1 when one fails.</summary>
static class LoopsCommand
{
    public static async Task<int> Run(StateFolder folder, CancellationToken ct)
    {
        using var http = RunningCloud.Of(folder, TimeSpan.FromSeconds(10));
        var loops = (await http.GetFromJsonAsync<List<LoopState>>("operators/loops", LinkJson.Options, ct))!;
        var width = loops.Max(l => l.Name.Length);
        foreach (var loop in loops) Console.WriteLine($"{loop.Name.PadRight(width)}  {Line(loop)}");
        return loops.Any(l => l.Last?.Error is not null) ? 1 : 0;
    }

    static string Line(LoopState loop) => loop.Last is not { } last ? "has not run yet" : string.Create(CultureInfo.InvariantCulture,
        $"{last.StartedAt:HH:mm:ss}  {last.Took.TotalMilliseconds,7:0.0} ms  every {loop.Period.TotalSeconds:0.#} s, {last.Runs} runs  {(last.Error is { } error ? $"FAILED {last.Failures} times: {error}" : last.Result)}");
}
