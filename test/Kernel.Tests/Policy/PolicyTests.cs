using Nephos.Contracts;
using Nephos.Kernel.Policy;
using Xunit;

namespace Nephos.Kernel.Tests.Policy;

public class PolicyTests
{
    private static readonly Caller Member = new()
    {
        UserId = "u1", UserName = "ann", UserDomainId = "default", ProjectId = "p1", ProjectDomainId = "default", Roles = ["member", "reader"], ExpiresAt = DateTimeOffset.MaxValue,
    };

    [Theory]
    [InlineData("", true)]
    [InlineData("@", true)]
    [InlineData("!", false)]
    [InlineData("role:member", true)]
    [InlineData("role:MEMBER", true)]
    [InlineData("role:admin", false)]
    [InlineData("role:admin or role:reader", true)]
    [InlineData("role:admin or role:reader and role:auditor", false)]
    [InlineData("(role:admin or role:reader) and role:member", true)]
    [InlineData("not role:admin", true)]
    [InlineData("not (role:admin or role:member)", false)]
    [InlineData("project_id:%(project_id)s", true)]
    [InlineData("tenant_id:%(tenant_id)s", true)]
    [InlineData("project_id:%(other)s", false)]
    [InlineData("user_id:%(target.user.id)s", true)]
    [InlineData("user_id:u2", false)]
    [InlineData("'shared':%(visibility)s", true)]
    [InlineData("None:%(parent)s", true)]
    [InlineData("True:%(enabled)s", true)]
    [InlineData("field:networks:shared=True", true)]
    [InlineData("field:networks:shared=False", false)]
    [InlineData("system_scope:all", false)]
    [InlineData("is_admin:True", false)]
    [InlineData("rule:owner", true)]
    [InlineData("rule:owner and not rule:owner", false)]
    public void Decides_as_oslo_policy_does(string text, bool allowed)
    {
        var target = PolicyTarget.OfProject("p1");
        target["target.user.id"] = "u1";
        target["visibility"] = "shared";
        target["parent"] = null;
        target["enabled"] = "True";
        target["shared"] = "True";
        var rule = PolicyParser.Parse(text);
        Assert.Equal(allowed, rule.Allows(Member, target, new Rules()));
        Assert.Equal(allowed, PolicyExplanation.Of(rule, Member, target, new Rules()).Allows);
        // What is decided before the target is known holds for this target too.
        Assert.Equal(allowed, rule.Decide(Member, null, new Rules()) ?? allowed);
    }

    [Fact]
    public void An_explanation_shows_each_part_with_what_it_compared()
    {
        var why = PolicyExplanation.Of(PolicyParser.Parse("role:admin or (role:reader and project_id:%(project_id)s and user_id:%(user_id)s)"), Member, new PolicyTarget { ["project_id"] = "p2" }, new Rules());
        Assert.False(why.Allows);
        Assert.Equal([("role:admin", false), ("all of", false)], why.Parts.Select(p => (p.Text, p.Allows)));
        Assert.Equal([("role:reader", true), ("project_id:%(project_id)s (p2)", false), ("user_id:%(user_id)s (the target has none)", false)], why.Parts[1].Parts.Select(p => (p.Text, p.Allows)));
    }

    [Theory]
    [InlineData("role:member or project_id:%(project_id)s", true)]
    [InlineData("project_id:%(project_id)s or role:member", true)]
    [InlineData("role:admin and project_id:%(project_id)s", false)]
    [InlineData("project_id:%(project_id)s and role:admin", false)]
    [InlineData("role:member and project_id:%(project_id)s", null)]
    [InlineData("role:admin or project_id:%(project_id)s", null)]
    [InlineData("not project_id:%(project_id)s", null)]
    [InlineData("not role:admin", true)]
    [InlineData("rule:owner", null)]
    [InlineData("rule:absent", false)]
    [InlineData("role:%(wanted)s", null)]
    [InlineData("'shared':%(visibility)s", null)]
    [InlineData("field:networks:shared=True", null)]
    [InlineData("project_id:p1", true)]
    public void Decides_for_all_targets_at_once_where_none_can_change_it(string text, bool? decided) =>
        Assert.Equal(decided, PolicyParser.Parse(text).Decide(Member, null, new Rules()));

    [Theory]
    [InlineData("role:a and")]
    [InlineData("(role:a")]
    [InlineData("role:a)")]
    [InlineData("role:a role:b")]
    [InlineData("nonsense")]
    [InlineData("http://elsewhere/check")]
    public void Refuses_what_it_does_not_understand(string text) => Assert.Throws<FormatException>(() => PolicyParser.Parse(text));

    [Fact]
    public void A_file_overrides_defines_helpers_and_warns()
    {
        var registry = Registry();
        using var file = new TempFile("cloud_ops: role:ops\n\"compute:stop\": rule:cloud_ops or role:member\nunused: '@'\n");
        registry.Load(file.Path);
        Assert.True(registry.Allows("compute:stop", Member, PolicyTarget.None));
        Assert.Equal([$"{file.Path}: nothing uses the rule unused"], registry.Warnings);
    }

    [Theory]
    [InlineData("\"compute:stop\": \"role:a and\"\n", "compute:stop")]
    [InlineData("\"compute:stop\": \"rule:nowhere\"\n", "nowhere")]
    [InlineData("a: rule:b\nb: rule:a\n", "refers to itself")]
    public void A_bad_file_refuses_the_start_and_says_where(string text, string part)
    {
        using var file = new TempFile(text);
        Assert.Contains(part, Assert.Throws<FormatException>(() => Registry().Load(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_reload_keeps_the_old_rules()
    {
        using var file = new TempFile("\"compute:stop\": \"@\"\n");
        var registry = Registry();
        registry.Load(file.Path);
        file.Write("\"compute:stop\": \"rule:nowhere\"\n");
        Assert.NotNull(registry.Reload());
        Assert.True(registry.Allows("compute:stop", Member, PolicyTarget.None));
        file.Write("\"compute:stop\": \"!\"\n");
        Assert.Null(registry.Reload());
        Assert.False(registry.Allows("compute:stop", Member, PolicyTarget.None));
    }

    [Fact]
    public void The_same_name_with_another_text_is_a_mistake() =>
        Assert.Throws<InvalidOperationException>(() => Registry().Declare("compute:stop", "@", "again"));

    private static PolicyRegistry Registry()
    {
        var registry = new PolicyRegistry();
        registry.Declare("compute:stop", "role:admin", "Stop a server", "POST /stop");
        return registry;
    }

    private sealed class Rules : IPolicyRules
    {
        public PolicyRule? Find(string name) => name == "owner" ? PolicyParser.Parse("project_id:%(project_id)s") : null;
    }

    private sealed class TempFile : IDisposable
    {
        private int _writes;
        public TempFile(string text) => Write(text);
        public string Path { get; } = System.IO.Path.GetTempFileName();
        public void Write(string text)
        {
            File.WriteAllText(Path, text);
            // Writes within one tick of the file system's clock would look like none.
            File.SetLastWriteTimeUtc(Path, new DateTime(2026, 1, 1, 0, 0, ++_writes, DateTimeKind.Utc));
        }
        public void Dispose() => File.Delete(Path);
    }
}
