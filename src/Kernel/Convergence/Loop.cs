namespace Nephos.Kernel.Convergence;

/// <summary>
/// Keeps something true: re-reads, plans, acts, and returns a record that says what it did. It never retries inside: the next run is
/// the retry. Registered with <see cref="LoopServices.AddLoop"/>; <see cref="LoopRunner"/> runs it, never twice at once.
/// </summary>
public abstract class Loop
{
    private TaskCompletionSource wake = New();

    /// <summary><c>compute.servers</c>.</summary>
    public abstract string Name { get; }

    /// <summary>From the end of a run to the next one, if nobody nudges.</summary>
    public abstract TimeSpan Period { get; }

    /// <summary>The last run; null before the first.</summary>
    public LoopRun? Last { get; internal set; }

    /// <summary>One run.</summary>
    public abstract Task<object> Run(CancellationToken ct);

    /// <summary>Runs it sooner; during a run: once more after it.</summary>
    public void Nudge() => Volatile.Read(ref wake).TrySetResult();

    /// <summary>Completes with the next <see cref="Nudge"/> from now on.</summary>
    internal Task Nudged()
    {
        if (Volatile.Read(ref wake).Task.IsCompleted)
        {
            Volatile.Write(ref wake, New());
        }
        return Volatile.Read(ref wake).Task;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What a run did, for <c>/admin/loops</c>.</summary>
/// <param name="StartedAt">When it began.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Result">What it returned; null if it failed.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="Runs">How many runs there were since the start.</param>
/// <param name="Failures">How many of those in a row, up to this one, failed.</param>
public sealed record LoopRun(DateTimeOffset StartedAt, TimeSpan Took, object? Result, string? Error, long Runs, long Failures);
