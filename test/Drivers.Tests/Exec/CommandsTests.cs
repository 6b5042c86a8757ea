using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Drivers.Exec;
using Xunit;

namespace Nephos.Drivers.Tests.Exec;

public sealed class CommandsTests
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    readonly Commands commands = new(NullLoggerFactory.Instance, TimeProvider.System);

    [Fact]
    public async Task Arguments_arrive_as_they_are_because_there_is_no_shell()
    {
        var result = await commands.Run("printf", ["%s|", "a b", "$HOME", "`id`", "*", "", "ä'\""], Ct);
        Assert.Equal("a b|$HOME|`id`|*||ä'\"|", result.Out);
    }

    [Fact]
    public async Task Both_outputs_and_the_exit_code_are_the_answer()
    {
        var result = await commands.Run("sh", ["-c", "echo out; echo err >&2; exit 3"], Ct);
        Assert.Equal(new CommandResult(3, "out\n", "err\n"), result);
    }

    [Fact]
    public async Task Must_throws_with_the_command_and_what_it_said()
    {
        var failed = await Assert.ThrowsAsync<CommandFailed>(() => commands.Must("sh", ["-c", "echo nope >&2; exit 2"], Ct));
        Assert.Equal("`sh -c 'echo nope >&2; exit 2'` ended with 2: nope", failed.Message);
        Assert.Equal(2, failed.Result!.ExitCode);
    }

    [Fact]
    public async Task Input_is_fed_and_closed()
    {
        var result = await commands.Run(new Command("cat") { Input = "hello" }, Ct);
        Assert.Equal("hello", result.Out);
    }

    [Fact]
    public async Task A_command_that_does_not_read_its_input_does_not_break_us()
    {
        var result = await commands.Run(new Command("true") { Input = new string('x', 1 << 20) }, Ct);
        Assert.True(result.Ok);
    }

    [Fact]
    public async Task Output_beyond_the_bound_is_dropped_and_the_command_still_ends()
    {
        var result = await commands.Run(new Command("sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x") { MaxOutput = 1000 }, Ct);
        Assert.Equal(1000, result.Out.Length);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task The_time_limit_kills_the_whole_tree()
    {
        using var folder = new TempFolder();
        var failed = await Assert.ThrowsAsync<CommandFailed>(() => commands.Run(
            new Command("sh", "-c", $"sleep 300 & echo $! > {folder["pid"]}; wait") { Limit = TimeSpan.FromSeconds(2) }, Ct));
        Assert.Contains("did not end within 2 s", failed.Message, StringComparison.Ordinal);
        await AssertEnds(int.Parse(File.ReadAllText(folder["pid"])));
    }

    [Fact]
    public async Task Cancelling_kills_the_whole_tree()
    {
        using var folder = new TempFolder();
        using var cancel = new CancellationTokenSource();
        var run = commands.Run(new Command("sh", "-c", $"sleep 300 & echo $! > {folder["pid"]}; wait"), cancel.Token);
        while (!File.Exists(folder["pid"]) || new FileInfo(folder["pid"]).Length == 0) await Task.Delay(5, Ct);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await AssertEnds(int.Parse(File.ReadAllText(folder["pid"])));
    }

    [Fact]
    public async Task A_daemon_left_behind_does_not_hold_us_by_its_pipes()
    {
        var result = await commands.Run("sh", ["-c", "sleep 300 & echo $!"], Ct);
        // It lives still.
        using var daemon = Process.GetProcessById(int.Parse(result.Out));
        daemon.Kill();
    }

    [Fact]
    public async Task A_program_that_is_absent_is_named()
    {
        var failed = await Assert.ThrowsAsync<CommandFailed>(() => commands.Run("nephos-no-such-program", ["x"], Ct));
        Assert.StartsWith("`nephos-no-such-program x` cannot be started", failed.Message, StringComparison.Ordinal);
    }

    static async Task AssertEnds(int pid)
    {
        var child = Child.At(pid, "");
        Assert.True(child is null || await child.Ended(TimeSpan.FromSeconds(30), TimeProvider.System, Ct), $"process {pid} still runs");
    }
}
