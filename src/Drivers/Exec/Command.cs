namespace Nephos.Drivers.Exec;

/// <summary>A program to run to its end. There is never a shell between: arguments arrive as they are.</summary>
public sealed record Command(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Text for its standard input; null for none.</summary>
    public string? Input { get; init; }

    /// <summary>After this the whole process tree is killed.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes kept of each of its outputs; the rest is read and dropped.</summary>
    public int MaxOutput { get; init; } = 4 << 20;

    /// <summary>Variables added to our environment; null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Told what comes on its standard output as it comes.</summary>
    public Action<ReadOnlyMemory<byte>>? Heard { get; init; }

    /// <summary>For logs and errors; not for a shell.</summary>
    public override string ToString() => string.Join(' ', Arguments.Prepend(Program).Select(a => a.Length == 0 || a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a));
}

/// <summary>What a command left behind.</summary>
/// <param name="Out">Standard output as UTF-8, bounded by <see cref="Command.MaxOutput"/>.</param>
/// <param name="Error">Standard error, bounded likewise.</param>
public sealed record CommandResult(int ExitCode, string Out, string Error)
{
    public bool Ok => ExitCode == 0;
}

/// <summary>A command that could not be started, took too long, or failed where it must not.</summary>
public sealed class CommandFailed(Command command, string why, CommandResult? result = null) : Exception($"`{command}` {why}")
{
    public Command Command => command;

    /// <summary>Null when it never ended by itself.</summary>
    public CommandResult? Result => result;
}
