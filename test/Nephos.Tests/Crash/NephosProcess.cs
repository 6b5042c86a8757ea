using System.Diagnostics;
using System.Text;

namespace Nephos.Tests.Crash;

/// <summary>The real program as a child, over pretended servers; it can be killed as a power cut would.</summary>
internal sealed class NephosProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder said = new();

    private NephosProcess(ProcessStartInfo info, string url)
    {
        Url = url;
        process = Process.Start(info)!;
        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Url { get; }

    /// <summary>Starts a program and waits until it answers.</summary>
    /// <param name="arguments">After <c>nephos</c>.</param>
    /// <param name="url">Where it will answer.</param>
    /// <param name="environment">What to add.</param>
    /// <param name="input">A line for its standard input, or null.</param>
    public static async Task<NephosProcess> Start(IEnumerable<string> arguments, string url, IReadOnlyDictionary<string, string> environment, string? input = null)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "nephos.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        info.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment) info.Environment[name] = value;
        var started = new NephosProcess(info, url);
        if (input is not null) await started.process.StandardInput.WriteLineAsync(input);
        await started.process.StandardInput.FlushAsync();
        await started.Ready();
        return started;
    }

    /// <summary>Waits until it has died by itself.</summary>
    public async Task Died(TimeSpan atMost)
    {
        using var limit = new CancellationTokenSource(atMost);
        try { await process.WaitForExitAsync(limit.Token); }
        catch (OperationCanceledException) { throw new TimeoutException("The program did not come to the point where it was to die."); }
        if (process.ExitCode != 128 + 9) throw new InvalidOperationException($"The program ended with {process.ExitCode}:\n{said}");
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    /// <summary>SIGKILL.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task Ready()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var start = Stopwatch.GetTimestamp();
        while (!process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Url + "/healthz"));
                if (answer.IsSuccessStatusCode) return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { /* Not yet. */ }
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(60)) throw new TimeoutException($"The program does not answer:\n{said}");
            await Task.Delay(30);
        }
        await process.WaitForExitAsync(); // Until all it said is read.
        throw new InvalidOperationException($"The program ended with {process.ExitCode} at its start:\n{said}");
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (said) said.AppendLine(line);
    }
}
