using Nephos.Kernel.Settings;
using Xunit;

namespace Nephos.Kernel.Tests.Settings;

public sealed class SettingTests
{
    private sealed record Options
    {
        public string? Regex { get; init; }
        public bool Strict { get; init; }
        public int? Count { get; init; }
        public TimeSpan Life { get; init; } = TimeSpan.FromHours(1);
        public string Model { get; init; } = "flat";
        public string Words { get; init; } = "a";
        public string Boxes { get; init; } = "";
    }

    private static readonly SettingList<Options> List = new SettingList<Options>("demo", new Options())
        .Text("passwords", "regex", "a pattern", o => o.Regex, (o, v) => o with { Regex = v })
        .Flag("DEFAULT", "strict", "no mercy", o => o.Strict, (o, v) => o with { Strict = v })
        .Number("passwords", "count", "how many", 1, o => o.Count, (o, v) => o with { Count = v }, max: 10)
        .Seconds("token", "expiration", "how long", 0, o => o.Life, (o, v) => o with { Life = v })
        .Choice("limits", "model", "which", ["flat", "tree"], o => o.Model, (o, v) => o with { Model = v })
        .Words("limits", "words", "some", o => [o.Words], (o, v) => o with { Words = string.Join('|', v) })
        .Named("<box>", "colour", "of a box", "red", (o, box, v) => o with { Boxes = $"{o.Boxes}{box}:{v} " });

    private static Options Read(params string[] lines) => List.Apply(new Options(), SettingsFile.Parse(lines, "demo.conf"), "demo.conf");

    [Fact]
    public void A_file_is_read_as_upstreams_are()
    {
        var read = Read("# a comment", "strict = Yes", "", "[passwords]", "; another", "regex = ^(?=.*\\d)[a=#]{7,}$", "count=3", "[token]", "expiration = 60", "[limits]", "model = 'tree'");
        Assert.Equal(new Options { Strict = true, Regex = "^(?=.*\\d)[a=#]{7,}$", Count = 3, Life = TimeSpan.FromMinutes(1), Model = "tree" }, read);
        Assert.Equal(new Options(), List.Read(new Options(), "/nonexistent/demo.conf"));
    }

    [Theory]
    [InlineData("nonsense", "demo.conf:1: \"nonsense\" is neither a [group] nor name = value")]
    [InlineData("other = 1", "demo.conf:1: there is no setting other in [DEFAULT]; docs/generated/settings.md lists them all")]
    [InlineData("regex = 1", "demo.conf:1: there is no setting regex in [DEFAULT], but in [passwords]; docs/generated/settings.md lists them all")]
    [InlineData("strict = maybe", "demo.conf:1: strict must be true or false, not \"maybe\"")]
    public void What_cannot_be_is_refused_by_name_and_place(string line, string why) => Assert.Equal(why, Assert.Throws<SettingRefused>(() => Read(line)).Message);

    [Theory]
    [InlineData("passwords", "count = 0", "count must be a whole number from 1 to 10, not \"0\"")]
    [InlineData("passwords", "count = 1.5", "count must be a whole number from 1 to 10, not \"1.5\"")]
    [InlineData("token", "expiration = -1", "expiration must be a whole number of at least 0, not \"-1\"")]
    [InlineData("limits", "model = other", "model must be one of flat, tree, not \"other\"")]
    public void Values_are_checked(string group, string line, string why) => Assert.Equal("demo.conf:2: " + why, Assert.Throws<SettingRefused>(() => Read($"[{group}]", line)).Message);

    [Fact]
    public void Lists_and_groups_that_operators_name_are_read()
    {
        Assert.Equal("x|y z|w", Read("[limits]", "words = [x, 'y z', \"w\"]").Words);
        Assert.Equal("", Read("[limits]", "words =").Words);
        Assert.Equal("one:blue two:green ", Read("[one]", "colour = blue", "[two]", "colour = green").Boxes);
        Assert.Throws<SettingRefused>(() => Read("[limits]", "colour = blue"));
        Assert.Throws<SettingRefused>(() => Read("[one]", "size = 1"));
    }

    [Fact]
    public void The_reference_knows_the_defaults() =>
        Assert.Equal(["", "false", "", "3600", "flat", "a", "red"], List.All.Select(s => s.Default));
}
