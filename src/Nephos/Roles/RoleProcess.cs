using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;

namespace Nephos.Roles;

/// <summary>
/// Keeps one role running as a child process: writes its start to its standard input and keeps that open as its lifeline, copies what it
/// says on its error stream to our log, and starts it again when it dies, with a pause that grows to 30 s.
/// </summary>
sealed partial class RoleProcess(string role, IReadOnlyList<string> prefix, OwnerMark mark, string start, ILogger log, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The kind in the owner mark, by which the next Nephos finds one whose parent was killed.</summary>
    public const string Kind = "role";

    readonly Queue<string> lastWords = new();
    readonly CancellationTokenSource stopping = new();
    Process? process;
    Task running = Task.CompletedTask;

    /// <summary>The last lines it wrote to its error stream.</summary>
    public string LastWords { get { lock (lastWords) return string.Join('\n', lastWords); } }

    /// <summary>How often it died.</summary>
    public int Deaths { get; private set; }

    public static RoleProcess Begin<T>(string role, IReadOnlyList<string> prefix, OwnerMark mark, T start, ILogger log, TimeProvider time)
    {
        var child = new RoleProcess(role, prefix, mark, JsonSerializer.Serialize(start, Link.LinkJson.Options), log, time);
        child.running = child.KeepRunning();
        return child;
    }

    async Task KeepRunning()
    {
        var pause = TimeSpan.FromMilliseconds(200);
        while (!stopping.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            await RunOnce();
            // The tools it was running when it was killed work for nobody any more.
            foreach (var left in new Children(mark, NullLoggerFactory.Instance).All(Kind).Where(c => c.Owner == mark.Environment(Kind, role))) left.Kill();
            if (stopping.IsCancellationRequested) return;
            Deaths++;
            Died(log, role, process!.ExitCode, pause.TotalSeconds);
            if (time.GetElapsedTime(began) > TimeSpan.FromMinutes(1)) pause = TimeSpan.FromMilliseconds(200);
            try { await Task.Delay(pause, time, stopping.Token); }
            catch (OperationCanceledException) { return; }
            pause = pause * 2 < TimeSpan.FromSeconds(30) ? pause * 2 : TimeSpan.FromSeconds(30);
        }
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "A child of our own kind, tied to us by its standard input; Drivers/Exec is for programs that end or outlive us.")]
    async Task RunOnce()
    {
        var command = (string[])[.. prefix, Environment.ProcessPath!, typeof(RoleProcess).Assembly.Location, role];
        var info = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        info.Environment["DOTNET_gcServer"] = "0";
        info.Environment[Children.Variable] = mark.Environment(Kind, role);
        process?.Dispose();
        process = Process.Start(info)!;
        try
        {
            await process.StandardInput.WriteLineAsync(start);
            await process.StandardInput.FlushAsync();
        }
        catch (IOException) { /* It died before reading; its last words say why. */ }
        await Task.WhenAll(Copy(process.StandardError), Copy(process.StandardOutput));
        await process.WaitForExitAsync();
    }

    async Task Copy(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (lastWords)
            {
                lastWords.Enqueue(line);
                if (lastWords.Count > 20) lastWords.Dequeue();
            }
            Said(log, role, line);
        }
    }

    /// <summary>Closes the lifeline, waits 10 s, then kills.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (process is { HasExited: false } child)
        {
            try { child.StandardInput.Close(); }
            catch (IOException) { /* Gone already. */ }
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), time);
            try { await child.WaitForExitAsync(limit.Token); }
            catch (OperationCanceledException) { child.Kill(); }
        }
        await running;
        process?.Dispose();
        stopping.Dispose();
    }

    [LoggerMessage(1, LogLevel.Warning, "The {Role} said: {Line}")]
    static partial void Said(ILogger log, string role, string line);

    [LoggerMessage(2, LogLevel.Error, "The {Role} ended with {ExitCode}; it is started again after {Seconds} s")]
    static partial void Died(ILogger log, string role, int exitCode, double seconds);
}
