using System.Collections;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Exec;

/// <summary>
/// Long-lived programs that outlive us (QEMU, dnsmasq ...). Each carries <c>NEPHOS_OWNER=cloud/kind/id</c> in its environment from its
/// first instruction, so that it is found again after we were killed, even before it wrote a pid file.
/// </summary>
public sealed partial class Children(OwnerMark mark, ILoggerFactory loggers)
{
    public const string Variable = "NEPHOS_OWNER";

    static readonly TimeSpan BecomesAnother = TimeSpan.FromMilliseconds(250);
    static readonly byte[] Needle = Encoding.ASCII.GetBytes(Variable + "=");
    readonly ILogger log = loggers.CreateLogger<Children>();

    /// <summary>Starts a program in a session of its own; its outputs are appended to <paramref name="outputPath"/>.</summary>
    public Child Start(string kind, object id, string program, IReadOnlyList<string> arguments, string outputPath)
    {
        var owner = mark.Environment(kind, id);
        var pid = Libc.Spawn(program, arguments, [.. Inherited(), $"{Variable}={owner}"], outputPath);
        Started(log, kind, id, pid, program);
        // The kernel lets us go on a moment before the new program's environment can be read, and with it the mark.
        SpinWait.SpinUntil(() => OwnerOf(pid) == owner || Child.At(pid, owner) is not { Alive: true }, TimeSpan.FromSeconds(1));
        // It may have ended already, and .NET reaps children that are not its own: then it is simply a dead one.
        return Child.At(pid, owner) ?? new Child(pid, 0, owner);
    }

    /// <summary>All living children of this cloud of one kind, by id.</summary>
    public IReadOnlyDictionary<string, Child> Find(string kind)
    {
        var prefix = mark.Environment(kind, "");
        var found = new Dictionary<string, Child>();
        foreach (var child in Living(prefix))
        {
            // A child may have children of its own, which inherit the mark; the oldest is the one we started.
            var id = child.Owner[prefix.Length..];
            if (!found.TryGetValue(id, out var other) || (child.StartTime, child.Pid).CompareTo((other.StartTime, other.Pid)) < 0) found[id] = child;
        }
        return found;
    }

    /// <summary>Every living process that carries this cloud's mark, children of children too.</summary>
    public IReadOnlyList<Child> All() => [.. Living(mark.Cloud + "/")];

    /// <summary>Likewise of one kind, the oldest first.</summary>
    public IReadOnlyList<Child> All(string kind) => [.. Living(mark.Environment(kind, "")).OrderBy(c => c.StartTime).ThenBy(c => c.Pid)];

    /// <summary>The living child with this number if it is ours and of this kind and id.</summary>
    public Child? Find(string kind, object id, int pid)
    {
        var owner = mark.Environment(kind, id);
        return OwnerOf(pid) == owner && Child.At(pid, owner) is { Alive: true } child ? child : null;
    }

    static IEnumerable<Child> Living(string prefix)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(folder.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            if (OwnerOf(pid) is { } owner && owner.StartsWith(prefix, StringComparison.Ordinal) && Child.At(pid, owner) is { Alive: true } child) yield return child;
        }
    }

    static IEnumerable<string> Inherited()
    {
        yield return "LC_ALL=C.UTF-8";
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (variable.Key is "PATH" or "TMPDIR") yield return $"{variable.Key}={variable.Value}";
    }

    /// <summary>Null for a process that another user has: an unprivileged program's children are not among those.</summary>
    static byte[]? EnvironmentOf(int pid)
    {
        try { return File.ReadAllBytes($"/proc/{pid}/environ"); }
        catch (UnauthorizedAccessException) { return null; }
        catch (IOException) { return []; }
    }

    static string? OwnerOf(int pid)
    {
        var environment = EnvironmentOf(pid);
        // While a process becomes another program (setpriv becomes QEMU) it has no environment; who then takes it for a stranger starts it twice.
        if (environment is [] && Child.IsProgram(pid)) SpinWait.SpinUntil(() => (environment = EnvironmentOf(pid)) is not [] || !Child.IsProgram(pid), BecomesAnother);
        for (var rest = environment.AsSpan(); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            var entry = end < 0 ? rest : rest[..end];
            if (entry.StartsWith(Needle)) return Encoding.UTF8.GetString(entry[Needle.Length..]);
            rest = end < 0 ? [] : rest[(end + 1)..];
        }
        return null;
    }

    [LoggerMessage(1, LogLevel.Information, "Started {Kind} {Id} as process {Pid}: {Program}")]
    static partial void Started(ILogger log, string kind, object id, int pid, string program);
}
