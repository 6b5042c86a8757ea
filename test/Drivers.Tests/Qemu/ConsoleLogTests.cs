using Nephos.Drivers.Qemu;
using Xunit;

namespace Nephos.Drivers.Tests.Qemu;

public sealed class ConsoleLogTests : IDisposable
{
    static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task No_log_is_no_text() => Assert.Equal("", await ConsoleLog.Tail(folder["log"], Ct));

    [Fact]
    public async Task The_text_goes_on_over_the_cut()
    {
        File.WriteAllText(folder["log"], new string('a', 2 << 20) + "before|");
        ConsoleLog.Rotate(folder["log"]);
        File.AppendAllText(folder["log"], "after");
        Assert.EndsWith("aaa" + "before|after", await ConsoleLog.Tail(folder["log"], Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_character_is_not_cut_in_two()
    {
        File.WriteAllText(folder["log"], string.Concat(Enumerable.Repeat("€", 60_000)));
        Assert.All(await ConsoleLog.Tail(folder["log"], Ct), c => Assert.Equal('€', c));
    }

    [Fact]
    public void A_short_log_is_left_as_it_is()
    {
        File.WriteAllText(folder["log"], "short");
        ConsoleLog.Rotate(folder["log"]);
        Assert.Equal("short", File.ReadAllText(folder["log"]));
        Assert.False(File.Exists(folder["log.1"]));
    }
}
