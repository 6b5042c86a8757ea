using System.Globalization;

namespace Nephos.Drivers.Exec;

/// <summary>
/// A process known for certain: its number may be given to another process, its number with its start time (clock ticks since
/// boot) not.
/// </summary>
/// <param name="Owner">Value of <c>NEPHOS_OWNER</c>, see <see cref="Contracts.Drivers.OwnerMark"/>.</param>
public sealed record Child(int Pid, long StartTime, string Owner)
{
    /// <summary>A zombie is dead, whatever <c>kill -0</c> says: process 1 may take seconds to reap it.</summary>
    public bool Alive
    {
        get
        {
            if (Stat(Pid) is not { } stat || stat.StartTime != StartTime) return false;
            if (stat.State is not ('Z' or 'X') || HasThreads) return true;
            Libc.Reap(Pid);
            return false;
        }
    }

    /// <summary>The first thread may be a zombie while others still hold files and locks.</summary>
    bool HasThreads
    {
        get
        {
            try { return Directory.EnumerateDirectories($"/proc/{Pid}/task").Skip(1).Any(); }
            catch (IOException) { return false; }
        }
    }

    const long KernelThread = 0x200000;

    /// <summary>How long it has been running.</summary>
    public TimeSpan Age
    {
        get
        {
            var up = File.ReadAllText("/proc/uptime").Split(' ')[0];
            // Clock ticks are hundredths of a second wherever .NET runs.
            return TimeSpan.FromSeconds(double.Parse(up, CultureInfo.InvariantCulture) - StartTime / 100.0);
        }
    }

    /// <summary>Path of the program that it runs; null if that cannot be seen.</summary>
    public string? Program
    {
        get
        {
            try { return new FileInfo($"/proc/{Pid}/exe").LinkTarget; }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
        }
    }

    /// <summary>Asks it to end.</summary>
    public void Terminate() => Signal(Libc.SigTerm);

    /// <summary>Ends it.</summary>
    public void Kill() => Signal(Libc.SigKill);

    /// <summary>Sends a signal to this very process; none if it is gone.</summary>
    public void Signal(int signal)
    {
        var handle = Libc.OpenProcess(Pid);
        if (handle < 0) return;
        try
        {
            // The handle is fixed to one process: what Alive says now holds for it.
            if (Alive) Libc.Signal(handle, signal);
        }
        finally { Libc.Close(handle); }
    }

    /// <summary>True once it is gone, false if it still runs after <paramref name="limit"/>.</summary>
    public async Task<bool> Ended(TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        var wait = TimeSpan.FromMilliseconds(2);
        while (Alive)
        {
            if (time.GetElapsedTime(began) >= limit) return false;
            await Task.Delay(wait, time, ct);
            if (wait < TimeSpan.FromMilliseconds(50)) wait *= 1.5;
        }
        return true;
    }

    /// <summary>The child with this number and owner now, or null.</summary>
    internal static Child? At(int pid, string owner) => Stat(pid) is { } stat ? new Child(pid, stat.StartTime, owner) : null;

    /// <summary>Alive and not a thread of the kernel.</summary>
    internal static bool IsProgram(int pid) => Stat(pid) is { State: not ('Z' or 'X') } && Fields(pid) is { } fields && (long.Parse(fields[6], CultureInfo.InvariantCulture) & KernelThread) == 0;

    internal static (char State, long StartTime)? Stat(int pid) => Fields(pid) is { } fields ? (fields[0][0], long.Parse(fields[19], CultureInfo.InvariantCulture)) : null;

    static string[]? Fields(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            // The name in parentheses may hold anything, also spaces and parentheses.
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException) { return null; }
    }
}
