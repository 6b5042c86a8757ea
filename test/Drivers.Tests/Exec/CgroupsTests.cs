using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Xunit;

namespace Nephos.Drivers.Tests.Exec;

public sealed class CgroupsTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    readonly TempFolder folder = new();
    readonly OwnerMark mark = new(NewId.Hex()[..8]);

    public void Dispose() => folder.Dispose();

    Cgroups With(string? mounts) => new(mark, NullLoggerFactory.Instance, mounts);

    /// <summary>A tree that only looks like one: what is written into it can be read.</summary>
    string Pretended(string name, string controllers)
    {
        Directory.CreateDirectory(folder[name]);
        File.WriteAllText(folder[name] + "/cgroup.controllers", controllers + "\n");
        return folder[name];
    }

    static string Read(string top, string cloud, string file) => File.ReadAllText($"{top}/nephos/{cloud}/g/{file}");

    [Fact]
    public void Version_2_limits_by_weight_and_by_time_for_all_processors_together()
    {
        var top = Pretended("two", "cpuset cpu memory");
        var groups = With($"cgroup2 {top} cgroup2 rw,nosuid 0 0");
        Assert.True(groups is { Usable: true, CanLimit: true });
        Assert.Equal($"{top}/nephos/{mark.Cloud}/g/cgroup.procs", groups.Enter("g", new(2048, 50_000, 200_000), 4)[^2]);
        Assert.Equal(("79", "200000 200000"), (Read(top, mark.Cloud, "cpu.weight"), Read(top, mark.Cloud, "cpu.max")));
        foreach (var above in (string[])[top, $"{top}/nephos", $"{top}/nephos/{mark.Cloud}"]) Assert.Equal("+cpu", File.ReadAllText(above + "/cgroup.subtree_control"));
    }

    [Theory]
    [InlineData(0, "1")]
    [InlineData(1024, "39")]
    [InlineData(10_000_000, "10000")]
    public void Weights_stay_within_what_the_kernel_takes(long shares, string weight)
    {
        var top = Pretended("two", "cpu");
        With($"cgroup2 {top} cgroup2 rw 0 0").Enter("g", new(shares, -1, 5), 1);
        Assert.Equal(weight, Read(top, mark.Cloud, "cpu.weight"));
        Assert.False(File.Exists($"{top}/nephos/{mark.Cloud}/g/cpu.max"));
    }

    [Fact]
    public void Beside_a_version_2_without_controllers_version_1_limits()
    {
        var (two, one) = (Pretended("two", ""), Pretended("one", ""));
        var groups = With($"cgroup {one} cgroup rw,nosuid,cpu,cpuacct 0 0\ncgroup2 {two} cgroup2 rw 0 0\n");
        var line = groups.Enter("g", new(512, 30_000, null), 2);
        Assert.Equal([$"{two}/nephos/{mark.Cloud}/g/cgroup.procs", $"{one}/nephos/{mark.Cloud}/g/cgroup.procs", "--"], line.TakeLast(3));
        Assert.Equal(("512", "100000", "60000"), (Read(one, mark.Cloud, "cpu.shares"), Read(one, mark.Cloud, "cpu.cfs_period_us"), Read(one, mark.Cloud, "cpu.cfs_quota_us")));
    }

    [Fact]
    public async Task Without_any_a_program_starts_as_it_is()
    {
        var groups = With("proc /proc proc rw 0 0\n");
        Assert.False(groups.Usable);
        Assert.Empty(groups.Enter("g", new(512, null, null), 1));
        Assert.Empty(groups.Processes("g"));
        await groups.Remove("g", TimeProvider.System, Ct);
    }

    [Fact]
    public void Where_nobody_may_write_a_program_starts_as_it_is() =>
        Assert.Empty(With("cgroup2 /proc/1/nowhere cgroup2 ro 0 0").Enter("g", null, 1));

    [Theory]
    [InlineData("cgroup2 ", "cgroup ")]
    [InlineData("cgroup2 ")]
    [InlineData("cgroup ")]
    public async Task A_program_is_in_its_group_and_ends_with_it(params string[] types)
    {
        var mounts = File.ReadAllLines("/proc/self/mounts").Where(l => types.Any(t => l.Contains($" {t}", StringComparison.Ordinal)));
        var groups = With(string.Join('\n', mounts));
        var prefix = groups.Enter("g", new(512, 50_000, 100_000), 1);
        // A host has one or the other, and not everybody may write there.
        if (prefix.Count == 0) return;
        try
        {
            var child = new Children(mark, NullLoggerFactory.Instance).Start("test", "g", prefix[0], [.. prefix.Skip(1), "sh", "-c", "sleep 100 & sleep 100"], folder["log"]);
            while (groups.Processes("g").Count < 3) await Task.Delay(10, Ct);
            Assert.Contains(child.Pid, groups.Processes("g"));
            foreach (var door in prefix.Where(p => p.EndsWith("cgroup.procs", StringComparison.Ordinal)))
                if (Path.GetDirectoryName(door) + "/cpu.cfs_quota_us" is var quota && File.Exists(quota)) Assert.Equal("50000", File.ReadAllText(quota).Trim());
            await groups.Remove("g", TimeProvider.System, Ct);
            Assert.Empty(groups.Processes("g"));
            Assert.True(await child.Ended(TimeSpan.FromSeconds(30), TimeProvider.System, Ct));
            Assert.All(prefix.Where(p => p.EndsWith("cgroup.procs", StringComparison.Ordinal)), door => Assert.False(Directory.Exists(Path.GetDirectoryName(door))));
        }
        finally { await groups.RemoveAll(TimeProvider.System, CancellationToken.None); }
        Assert.All(prefix.Where(p => p.EndsWith("cgroup.procs", StringComparison.Ordinal)), door => Assert.False(Directory.Exists(Path.GetDirectoryName(Path.GetDirectoryName(door)))));
    }
}
