using Nephos.Contracts;

namespace Nephos.Kernel.Policy;

/// <summary>Why a rule decides as it does for one caller and one target: every part with a verdict of its own.</summary>
/// <param name="Text">The part, with the target's attributes filled in where it has them.</param>
/// <param name="Allows">Its verdict.</param>
/// <param name="Parts">What the verdict was made from; empty for a single check.</param>
public sealed record PolicyExplanation(string Text, bool Allows, IReadOnlyList<PolicyExplanation> Parts)
{
    /// <summary>Explains a rule. Pure, and its verdict is that of <see cref="PolicyRule.Allows"/>.</summary>
    public static PolicyExplanation Of(PolicyRule rule, Caller caller, PolicyTarget target, IPolicyRules rules)
    {
        IReadOnlyList<PolicyRule> parts = rule switch
        {
            PolicyRule.And and => and.Parts,
            PolicyRule.Or or => or.Parts,
            PolicyRule.Not not => [not.Inner],
            PolicyRule.Reference reference when rules.Find(reference.Name) is { } named => [named],
            _ => [],
        };
        return new(TextOf(rule, target), rule.Allows(caller, target, rules), [.. parts.Select(p => Of(p, caller, target, rules))]);
    }

    private static string TextOf(PolicyRule rule, PolicyTarget target) => rule switch
    {
        PolicyRule.Always => "everybody",
        PolicyRule.Never => "nobody",
        PolicyRule.And => "all of",
        PolicyRule.Or => "any of",
        PolicyRule.Not => "not",
        PolicyRule.Role role => $"role:{Filled(role.Name, target)}",
        PolicyRule.Reference reference => $"rule:{reference.Name}",
        PolicyRule.Attribute attribute => $"{attribute.Name}:{Filled(attribute.Text, target)}",
        PolicyRule.Literal literal => $"'{literal.Value}':{Filled(literal.Text, target)}",
        PolicyRule.Field field => $"field {field.Name}={field.Value}",
        _ => rule.ToString(),
    };

    private static string Filled(TargetText text, PolicyTarget target) => text.Fill(target) is { } filled ? filled == text.ToString() ? filled : $"{text} ({filled})" : $"{text} (the target has none)";
}
