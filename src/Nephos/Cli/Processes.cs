using System.Runtime.InteropServices;

namespace Nephos.Cli;

/// <summary>Other processes of ours, by number.</summary>
static partial class Processes
{
    const int SigTerm = 15;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int pid)
    {
        if (kill(pid, SigTerm) != 0 && Marshal.GetLastPInvokeError() is var error and not 3) throw new Refusal($"process {pid} cannot be told to end: {Marshal.GetPInvokeErrorMessage(error)}", "It may belong to root: sudo ./nephos down");
    }

    /// <summary>Proportional memory of a process in KiB (what it uses, shared pages divided), or 0 when it cannot be read.</summary>
    public static long MemoryKib(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/smaps_rollup").Where(l => l.StartsWith("Pss:", StringComparison.Ordinal))
                .Select(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return 0; }
    }

    /// <summary>A process and all below it.</summary>
    public static IReadOnlyList<int> Tree(int root)
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(folder.AsSpan(6), out var pid) && ParentOf(pid) is { } parent) parents[pid] = parent;
        return [.. parents.Keys.Where(pid => { for (var p = pid; p > 1; p = parents.GetValueOrDefault(p)) if (p == root) return true; return false; })];
    }

    static int? ParentOf(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return null; }
    }
}
