using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Xunit;

namespace Nephos.Drivers.Tests.Exec;

public sealed class ChildrenTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    readonly TempFolder folder = new();
    readonly Children children = new(new OwnerMark(NewId.Hex()[..8]), NullLoggerFactory.Instance);
    readonly List<Child> started = [];

    public void Dispose()
    {
        foreach (var child in started) child.Kill();
        folder.Dispose();
    }

    Child Start(string program, params string[] arguments) => StartAs(children, "test", "one", program, arguments);

    Child StartAs(Children by, string kind, string id, string program, params string[] arguments)
    {
        var child = by.Start(kind, id, program, arguments, folder["log"]);
        started.Add(child);
        return child;
    }

    [Fact]
    public void A_child_has_its_own_session_and_no_terminal_so_that_Ctrl_C_does_not_reach_it()
    {
        var child = Start("sleep", "60");
        var fields = File.ReadAllText($"/proc/{child.Pid}/stat").Split(") ")[1].Split(' ');
        Assert.Equal(child.Pid.ToString(), fields[3]);
        Assert.Equal("0", fields[4]);
    }

    [Fact]
    public async Task Its_outputs_are_appended_to_a_file()
    {
        File.WriteAllText(folder["log"], "before\n");
        await Start("sh", "-c", "echo out; echo err >&2").Ended(Soon, TimeProvider.System, Ct);
        Assert.Equal("before\nout\nerr\n", File.ReadAllText(folder["log"]));
    }

    [Fact]
    public void It_starts_with_no_signal_blocked_or_ignored()
    {
        var status = File.ReadAllLines($"/proc/{Start("sleep", "60").Pid}/status");
        // Signals 32 and 33 belong to the C library.
        Assert.Equal(0L, Signals(status, "SigBlk:") & ~0x1_8000_0000);
        Assert.Equal(0L, Signals(status, "SigIgn:") & ~0x1_8000_0000);
    }

    static long Signals(string[] status, string field) => Convert.ToInt64(status.Single(l => l.StartsWith(field, StringComparison.Ordinal))[field.Length..].Trim(), 16);

    [Fact]
    public void It_inherits_no_open_file()
    {
        using var open = File.OpenRead("/etc/passwd");
        var files = $"/proc/{Start("sleep", "60").Pid}/fd";
        // The loader has its libraries open for a moment.
        Assert.True(SpinWait.SpinUntil(() => Directory.GetFileSystemEntries(files).Length == 3, Soon));
    }

    [Fact]
    public void It_is_found_again_by_its_mark_alone()
    {
        var child = Start("sleep", "60");
        Assert.Equal(child, Assert.Single(children.Find("test")).Value);
        Assert.Equal("one", Assert.Single(children.Find("test")).Key);
        Assert.Equal(child, children.Find("test", "one", child.Pid));
    }

    [Fact]
    public void Children_of_another_cloud_kind_or_id_are_not_ours()
    {
        var other = new Children(new OwnerMark(NewId.Hex()[..8]), NullLoggerFactory.Instance);
        var theirs = StartAs(other, "test", "one", "sleep", "60");
        var child = Start("sleep", "60");
        Assert.Equal(child, Assert.Single(children.Find("test")).Value);
        Assert.Empty(children.Find("tes"));
        Assert.Empty(children.Find("test2"));
        Assert.Null(children.Find("test", "one", theirs.Pid));
        Assert.Null(children.Find("test", "two", child.Pid));
        Assert.Null(children.Find("test", "one", 1));
    }

    [Fact]
    public void A_grandchild_with_the_inherited_mark_is_not_taken_for_the_child()
    {
        var child = Start("sh", "-c", "sleep 60 & sleep 61");
        Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{child.Pid}/task/{child.Pid}/children").Split(' ').Length > 2, Soon));
        Assert.Equal(child, Assert.Single(children.Find("test")).Value);
        foreach (var pid in File.ReadAllText($"/proc/{child.Pid}/task/{child.Pid}/children").Trim().Split(' '))
            started.Add(Child.At(int.Parse(pid), "")!);
    }

    [Fact]
    public async Task A_zombie_is_dead()
    {
        var child = Start("true");
        Assert.True(await child.Ended(Soon, TimeProvider.System, Ct));
        Assert.False(child.Alive);
        Assert.Empty(children.Find("test"));
        Assert.False(Directory.Exists($"/proc/{child.Pid}"), "the zombie was not reaped");
    }

    [Fact]
    public async Task Children_that_end_at_once_are_dead_and_no_error_also_while_commands_run()
    {
        var commands = new Commands(NullLoggerFactory.Instance, TimeProvider.System);
        for (var round = 0; round < 20; round++)
        {
            var command = commands.Run("true", [], Ct);
            Assert.True(await Start("true").Ended(Soon, TimeProvider.System, Ct));
            await command;
        }
    }

    [Fact]
    public async Task Signals_reach_it()
    {
        var child = Start("sleep", "60");
        Assert.True(child.Alive);
        Assert.InRange(child.Age, TimeSpan.FromSeconds(-1), Soon);
        child.Terminate();
        Assert.True(await child.Ended(Soon, TimeProvider.System, Ct));
    }

    [Fact]
    public void A_process_that_took_over_the_number_is_not_signalled()
    {
        var child = Start("sleep", "60");
        var former = child with { StartTime = child.StartTime - 1 };
        Assert.False(former.Alive);
        former.Kill();
        Assert.True(child.Alive);
    }

    [Fact]
    public void A_program_that_is_absent_is_an_error_at_once() =>
        Assert.Throws<IOException>(() => Start("nephos-no-such-program"));
}
