using System.Text;
using Nephos.Contracts;

namespace Nephos.Kernel.Policy;

/// <summary>A parsed rule. <see cref="Decide"/> is pure: it sees the caller, the target and the other rules, nothing else.</summary>
public abstract record PolicyRule
{
    /// <summary>True if the caller may.</summary>
    public bool Allows(Caller caller, PolicyTarget target, IPolicyRules rules) => Decide(caller, target, rules) is true;

    /// <summary>Whether the caller may. Without a target: true or false if that holds for every target, null if it depends on the target.</summary>
    public abstract bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules);

    /// <summary>Names of rules this one refers to.</summary>
    public virtual IEnumerable<string> References => [];

    /// <summary><c>@</c> or the empty rule: everybody.</summary>
    public sealed record Always : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules) => true;
    }

    /// <summary><c>!</c>: nobody.</summary>
    public sealed record Never : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules) => false;
    }

    /// <summary><c>role:NAME</c>; NAME may hold <c>%(attribute)s</c>.</summary>
    public sealed record Role(TargetText Name) : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules) =>
            Name.NeedsMore(target) ? null : Name.Fill(target) is { } name && caller.HasRole(name);
    }

    /// <summary><c>rule:NAME</c>; a name nobody defined allows nobody.</summary>
    public sealed record Reference(string Name) : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules) =>
            rules.Find(Name) is { } rule ? rule.Decide(caller, target, rules) : false;
        /// <inheritdoc/>
        public override IEnumerable<string> References => [Name];
    }

    /// <summary><c>ATTRIBUTE:TEXT</c>: an attribute of the caller equals the text.</summary>
    public sealed record Attribute(string Name, TargetText Text) : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules)
        {
            if (Text.NeedsMore(target)) return null;
            var expected = Text.Fill(target);
            // An attribute the caller lacks reads "None" to a rule that says so itself; a null of the target never matches it.
            return expected is not null && (Name == "roles" ? caller.HasRole(expected) : (CallerAttribute(caller, Name) ?? (Text.IsNone ? "None" : null)) == expected && (Text.IsNone || expected != "None"));
        }
    }

    /// <summary><c>'literal':%(attribute)s</c>, <c>True:%(enabled)s</c>, <c>None:%(x)s</c>.</summary>
    public sealed record Literal(string Value, TargetText Text) : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules) => Text.NeedsMore(target) ? null : Text.Fill(target) == Value;
    }

    /// <summary>neutron's <c>field:RESOURCE:ATTRIBUTE=VALUE</c>: an attribute of the target equals a value; <c>~</c> begins a pattern.</summary>
    public sealed record Field(string Name, string Value) : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules) => target is null ? null
            : target.TryGetValue(Name, out var actual) && actual is not null && (Value.StartsWith('~')
                ? Pattern.Matches("^(?:" + Value[1..] + ")", actual)
                : string.Equals(actual, Value, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Negation.</summary>
    public sealed record Not(PolicyRule Inner) : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules) => !Inner.Decide(caller, target, rules);
        /// <inheritdoc/>
        public override IEnumerable<string> References => Inner.References;
    }

    /// <summary>All of them.</summary>
    public sealed record And(IReadOnlyList<PolicyRule> Parts) : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules)
        {
            bool? all = true;
            for (var i = 0; i < Parts.Count && all is not false; i++) all &= Parts[i].Decide(caller, target, rules);
            return all;
        }
        /// <inheritdoc/>
        public override IEnumerable<string> References => Parts.SelectMany(p => p.References);
    }

    /// <summary>Any of them.</summary>
    public sealed record Or(IReadOnlyList<PolicyRule> Parts) : PolicyRule
    {
        /// <inheritdoc/>
        public override bool? Decide(Caller caller, PolicyTarget? target, IPolicyRules rules)
        {
            bool? any = false;
            for (var i = 0; i < Parts.Count && any is not true; i++) any |= Parts[i].Decide(caller, target, rules);
            return any;
        }
        /// <inheritdoc/>
        public override IEnumerable<string> References => Parts.SelectMany(p => p.References);
    }

    /// <summary>The caller's credentials under the names oslo.context gives them; null for one it does not have.</summary>
    private static string? CallerAttribute(Caller caller, string name) => name switch
    {
        "project_id" or "tenant" or "tenant_id" => caller.ProjectId,
        "user_id" or "user" => caller.UserId,
        "domain_id" => caller.DomainId,
        "user_domain_id" => caller.UserDomainId,
        "project_domain_id" => caller.ProjectDomainId,
        "system_scope" or "system" => caller.IsSystem ? "all" : null,
        "is_admin" => caller.HasRole("admin") ? "True" : "False",
        "token.project.domain.id" => caller.ProjectDomainId,
        "token.domain.id" => caller.DomainId,
        _ => null,
    };
}

/// <summary>A text with <c>%(attribute)s</c> in it.</summary>
public sealed record TargetText
{
    private readonly (string Text, bool IsAttribute)[] _parts;

    /// <summary>Splits the text once.</summary>
    public TargetText(string text)
    {
        var parts = new List<(string, bool)>();
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf("%(", at, StringComparison.Ordinal);
            var close = open < 0 ? -1 : text.IndexOf(")s", open, StringComparison.Ordinal);
            if (close < 0) { parts.Add((text[at..], false)); break; }
            if (open > at) parts.Add((text[at..open], false));
            parts.Add((text[(open + 2)..close], true));
            at = close + 2;
        }
        _parts = [.. parts];
    }

    /// <summary>The text as it was written.</summary>
    public override string ToString() => string.Concat(_parts.Select(p => p.IsAttribute ? $"%({p.Text})s" : p.Text));

    /// <summary>True for the plain word <c>None</c>.</summary>
    internal bool IsNone => _parts is [("None", false)];

    /// <summary>True when the text names attributes and there is no target to take them from.</summary>
    internal bool NeedsMore(PolicyTarget? target) => target is null && Array.Exists(_parts, p => p.IsAttribute);

    /// <summary>The text with attributes filled in; null if the target lacks one. A null attribute reads <c>None</c>.</summary>
    public string? Fill(PolicyTarget? target)
    {
        if (_parts is [var only]) return Part(only, target);
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            if (Part(part, target) is not { } piece) return null;
            text.Append(piece);
        }
        return text.ToString();
    }

    private static string? Part((string Text, bool IsAttribute) part, PolicyTarget? target) =>
        !part.IsAttribute ? part.Text : target is not null && target.TryGetValue(part.Text, out var value) ? value ?? "None" : null;
}

/// <summary>Where a <c>rule:</c> reference is looked up.</summary>
public interface IPolicyRules
{
    /// <summary>The rule of that name, or null.</summary>
    PolicyRule? Find(string name);
}
