using System.Globalization;
using Microsoft.Extensions.Logging;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Exec;

/// <summary>
/// A control group of its own for each program that outlives us: by it the program is found again and ended with all it started, and its
/// use of the processors is bounded. Works with version 2, with version 1, with both (processes by 2, limits by 1), and without any. The
/// groups lie at the top and not below the one we are in, since the end of a session or service takes along what is below its own.
/// </summary>
public sealed partial class Cgroups
{
    readonly OwnerMark mark;
    readonly ILogger log;
    readonly IReadOnlyList<Hierarchy> hierarchies;
    bool warned;

    /// <param name="mark">Whose the groups are.</param>
    /// <param name="loggers">For a word when none can be made.</param>
    /// <param name="mounts">As <c>/proc/self/mounts</c> has them; null reads those of this host.</param>
    public Cgroups(OwnerMark mark, ILoggerFactory loggers, string? mounts = null)
    {
        (this.mark, log) = (mark, loggers.CreateLogger<Cgroups>());
        hierarchies = Hierarchy.Of(mounts ?? File.ReadAllText("/proc/self/mounts"));
    }

    /// <summary>True if limits on the processor have an effect here.</summary>
    public bool CanLimit => hierarchies.Any(h => h is { HasCpu: true, ReadOnly: false });

    /// <summary>True if programs get groups.</summary>
    public bool Usable => hierarchies.Any(h => !h.ReadOnly);

    /// <summary>What this host has, in few words.</summary>
    public string Facts => hierarchies.Count == 0 ? "none" : string.Join(" and ", hierarchies.Select(h => $"version {(h.Second ? 2 : 1)} at {h.Top}{(h.ReadOnly ? " (read-only)" : "")}"));

    /// <summary>Makes a program's group; gives what to put before its command line so that it is in it from its first instruction.</summary>
    public IReadOnlyList<string> Enter(object id, CpuLimits? limits, int processors)
    {
        var doors = new List<string>();
        foreach (var hierarchy in hierarchies)
        {
            try { doors.Add(Path.Combine(hierarchy.Make(mark.Cloud, id.ToString()!, limits, processors), Hierarchy.Members)); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It runs without.
                if (!warned) NotMade(log, e.Message);
                warned = true;
            }
        }
        // The shell becomes the program: the process stays the same one.
        return doors.Count == 0 ? [] : ["/bin/sh", "-c", """while [ "$1" != -- ]; do echo 0 > "$1"; shift; done; shift; exec "$@" """, "sh", .. doors, "--"];
    }

    /// <summary>Numbers of the processes in a program's group.</summary>
    public IReadOnlyList<int> Processes(object id) => [.. hierarchies.SelectMany(h => Hierarchy.Processes(h.PathOf(mark.Cloud, id.ToString()!))).Distinct()];

    /// <summary>Ends whatever is in a program's group, and removes it; there need not be one.</summary>
    public async Task Remove(object id, TimeProvider time, CancellationToken ct)
    {
        foreach (var hierarchy in hierarchies) await Remove(hierarchy.PathOf(mark.Cloud, id.ToString()!), time, ct);
    }

    /// <summary>The same for all programs of this cloud.</summary>
    public async Task RemoveAll(TimeProvider time, CancellationToken ct)
    {
        foreach (var all in hierarchies.Select(h => h.PathOf(mark.Cloud)).Where(Directory.Exists))
        {
            foreach (var group in Directory.EnumerateDirectories(all)) await Remove(group, time, ct);
            await Remove(all, time, ct);
        }
    }

    async Task Remove(string group, TimeProvider time, CancellationToken ct)
    {
        for (var attempt = 0; Directory.Exists(group); attempt++)
        {
            try
            {
                Hierarchy.Kill(group);
                Directory.Delete(group);
            }
            // What was killed takes a moment to end.
            catch (IOException) when (attempt < 200) { await Task.Delay(TimeSpan.FromMilliseconds(10), time, ct); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                NotRemoved(log, group, e.Message);
                return;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "No control groups can be made, so programs are known by their mark alone and limits on the processor have no effect: {Why}")]
    static partial void NotMade(ILogger log, string why);

    [LoggerMessage(2, LogLevel.Warning, "The control group {Group} was not removed: {Why}")]
    static partial void NotRemoved(ILogger log, string group, string why);

    /// <summary>One tree of groups.</summary>
    sealed record Hierarchy(string Top, bool Second, bool HasCpu, bool ReadOnly)
    {
        public const string Members = "cgroup.procs";

        // Of the kernel; what is outside is refused.
        const long LeastShares = 2, MostShares = 262_144, LeastPeriod = 1000, MostPeriod = 1_000_000, LeastQuota = 1000, UsualPeriod = 100_000;

        public static IReadOnlyList<Hierarchy> Of(string mounts)
        {
            // Device, place, type, options.
            var lines = mounts.Split('\n').Select(l => l.Split(' ')).Where(f => f.Length > 3).Select(f => (Place: f[1], Type: f[2], Options: f[3].Split(','))).ToList();
            var second = lines.FirstOrDefault(l => l.Type == "cgroup2") is { Place: { } top } two ? new Hierarchy(top, true, Controllers(top).Contains("cpu"), two.Options.Contains("ro")) : null;
            var first = lines.FirstOrDefault(l => l.Type == "cgroup" && l.Options.Contains("cpu")) is { Place: { } old } one ? new Hierarchy(old, false, true, one.Options.Contains("ro")) : null;
            return second is null ? first is null ? [] : [first] : second.HasCpu || first is null ? [second] : [second, first];
        }

        public string PathOf(string cloud) => Path.Combine(Top, "nephos", cloud);

        public string PathOf(string cloud, string id) => Path.Combine(PathOf(cloud), id);

        public string Make(string cloud, string id, CpuLimits? limits, int processors)
        {
            var group = PathOf(cloud, id);
            Directory.CreateDirectory(group);
            if (!HasCpu || limits is null) return group;
            if (Second)
            {
                // A controller reaches a group only through all those above.
                foreach (var above in (string[])[Top, Path.Combine(Top, "nephos"), PathOf(cloud)]) Write(above, "cgroup.subtree_control", "+cpu");
                if (limits.Shares is { } shares) Write(group, "cpu.weight", 1 + (Between(LeastShares, shares, MostShares) - LeastShares) * 9999 / (MostShares - LeastShares));
                if (Quota(limits, processors) is { } quota) Write(group, "cpu.max", $"{quota} {Period(limits)}");
                return group;
            }
            if (limits.Shares is { } weight) Write(group, "cpu.shares", Between(LeastShares, weight, MostShares));
            if (Quota(limits, processors) is not { } most) return group;
            Write(group, "cpu.cfs_period_us", Period(limits));
            Write(group, "cpu.cfs_quota_us", most);
            return group;
        }

        public static IReadOnlyList<int> Processes(string group)
        {
            try { return [.. File.ReadAllLines(Path.Combine(group, Members)).Select(l => int.Parse(l, CultureInfo.InvariantCulture)).Where(pid => pid > 0)]; }
            // There is none, or it went while we read.
            catch (IOException) { return []; }
        }

        public static void Kill(string group)
        {
            var all = Path.Combine(group, "cgroup.kill");
            if (File.Exists(all))
            {
                File.WriteAllText(all, "1");
                return;
            }
            foreach (var pid in Processes(group))
            {
                var handle = Libc.OpenProcess(pid);
                if (handle < 0) continue;
                // The handle is fixed to one process: if its number is still in the group, it is the right one.
                if (Processes(group).Contains(pid)) Libc.Signal(handle, Libc.SigKill);
                Libc.Close(handle);
            }
        }

        /// <summary>For all processors together: a flavor's quota is for each.</summary>
        static long? Quota(CpuLimits limits, int processors) => limits.Quota is > 0 and var quota ? Math.Max(LeastQuota, quota * processors) : null;

        static long Period(CpuLimits limits) => Between(LeastPeriod, limits.Period ?? UsualPeriod, MostPeriod);

        static long Between(long least, long value, long most) => Math.Clamp(value, least, most);

        static void Write(string group, string file, object value) => File.WriteAllText(Path.Combine(group, file), Convert.ToString(value, CultureInfo.InvariantCulture));

        static IReadOnlyList<string> Controllers(string group)
        {
            var file = Path.Combine(group, "cgroup.controllers");
            return File.Exists(file) ? File.ReadAllText(file).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : [];
        }
    }
}
