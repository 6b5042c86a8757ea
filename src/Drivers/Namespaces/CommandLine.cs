namespace Nephos.Drivers.Namespaces;

/// <summary>How a process was started.</summary>
internal static class CommandLine
{
    /// <summary>True when the process runs with these as its last arguments; before them may be how it got into its namespace.</summary>
    public static bool EndsWith(int pid, IReadOnlyList<string> arguments)
    {
        try { return File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Split('\0').TakeLast(arguments.Count).SequenceEqual(arguments); }
        catch (IOException) { return false; }
    }
}
