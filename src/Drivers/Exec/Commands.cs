using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Nephos.Drivers.Exec;

/// <summary>The only place that runs programs to their end. One log event per command.</summary>
public sealed partial class Commands(ILoggerFactory loggers, TimeProvider time)
{
    /// <summary>A daemon that a command leaves behind may hold its pipes for ever; this long after the exit we stop listening.</summary>
    static readonly TimeSpan PipesAfterExit = TimeSpan.FromSeconds(1);

    readonly ILogger log = loggers.CreateLogger<Commands>();

    /// <summary>Runs a program; an exit code other than 0 is an answer, not a failure.</summary>
    public Task<CommandResult> Run(string program, IReadOnlyList<string> arguments, CancellationToken ct) => Run(new Command(program, arguments), ct);

    /// <summary>Runs a program and gives its output; throws with its standard error if it fails.</summary>
    public Task<string> Must(string program, IReadOnlyList<string> arguments, CancellationToken ct) => Must(new Command(program, arguments), ct);

    /// <inheritdoc cref="Must(string, IReadOnlyList{string}, CancellationToken)"/>
    public async Task<string> Must(Command command, CancellationToken ct)
    {
        var result = await Run(command, ct);
        if (result.Ok) return result.Out;
        var said = result.Error.Trim() is { Length: > 0 } error ? error : result.Out.Trim();
        throw new CommandFailed(command, $"ended with {result.ExitCode}: {(said.Length > 2000 ? said[..2000] : said)}", result);
    }

    /// <inheritdoc cref="Run(string, IReadOnlyList{string}, CancellationToken)"/>
    /// <exception cref="CommandFailed">When the program is absent or exceeds its time limit.</exception>
    public async Task<CommandResult> Run(Command command, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var began = time.GetTimestamp();
        using var process = Start(command);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(command.Limit);
        using var pipes = new CancellationTokenSource();
        var output = Read(process.StandardOutput.BaseStream, command.MaxOutput, command.Heard, pipes.Token);
        var error = Read(process.StandardError.BaseStream, command.MaxOutput, null, pipes.Token);
        try
        {
            await Feed(process, command.Input, limit.Token);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            await pipes.CancelAsync();
            await Task.WhenAll(output, error);
            Stopped(log, command, time.GetElapsedTime(began).TotalMilliseconds);
            ct.ThrowIfCancellationRequested();
            throw new CommandFailed(command, $"did not end within {command.Limit.TotalSeconds:0.#} s and was killed");
        }
        pipes.CancelAfter(PipesAfterExit);
        var result = new CommandResult(process.ExitCode, await output, await error);
        Ran(log, command, result.ExitCode, time.GetElapsedTime(began).TotalMilliseconds);
        return result;
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "This is the one place.")]
    static Process Start(Command command)
    {
        var info = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = command.WorkingDirectory ?? "",
        };
        foreach (var (name, value) in command.Environment) info.Environment[name] = value;
        // Messages and numbers are parsed: no translations.
        info.Environment["LC_ALL"] = "C.UTF-8";
        try { return Process.Start(info)!; }
        catch (Win32Exception e) { throw new CommandFailed(command, $"cannot be started: {e.Message}"); }
    }

    static async Task Feed(Process process, string? input, CancellationToken ct)
    {
        try
        {
            if (input is not null) await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(input), ct);
            process.StandardInput.Close();
        }
        catch (IOException) { /* It ended without reading; its exit code says why. */ }
    }

    static async Task<string> Read(Stream stream, int max, Action<ReadOnlyMemory<byte>>? heard, CancellationToken ct)
    {
        var kept = new MemoryStream();
        var buffer = new byte[16384];
        try
        {
            while (await stream.ReadAsync(buffer, ct) is > 0 and var n)
            {
                kept.Write(buffer, 0, (int)Math.Min(n, max - kept.Length));
                heard?.Invoke(buffer.AsMemory(0, n));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException) { /* What came so far counts. */ }
        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }

    static void Kill(Process process)
    {
        try { process.Kill(entireProcessTree: true); }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception) { /* It ended just now. */ }
    }

    [LoggerMessage(1, LogLevel.Debug, "Ran {Command}: exit {ExitCode} after {Milliseconds:0.0} ms")]
    static partial void Ran(ILogger log, Command command, int exitCode, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "Killed {Command} after {Milliseconds:0} ms")]
    static partial void Stopped(ILogger log, Command command, double milliseconds);
}
