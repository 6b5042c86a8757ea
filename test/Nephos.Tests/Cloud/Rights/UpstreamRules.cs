using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Policy;
using Nephos.Tests.Architecture;

namespace Nephos.Tests.Cloud.Rights;

/// <summary>A rule as upstream declares it.</summary>
internal sealed record UpstreamRule(string Name, string Check, string[]? Scopes, string? Deprecated, string[] Operations);

/// <summary>Upstream's rules of a service, taken out of its packages by <c>tools/oracle/policies.py</c>.</summary>
internal sealed class UpstreamRules : IPolicyRules
{
    static readonly JsonSerializerOptions Plain = new() { PropertyNameCaseInsensitive = true };
    readonly Dictionary<string, (UpstreamRule Rule, PolicyRule Parsed)> rules;

    public UpstreamRules(string service) => rules = JsonSerializer.Deserialize<UpstreamRule[]>(File.ReadAllText(FileOf($"policies-{service}.json")), Plain)!
        .ToDictionary(r => r.Name, r => (r, PolicyParser.Parse(r.Check)), StringComparer.Ordinal);

    public static string FileOf(string name) => Path.Combine(Repository.Root, "test", "Nephos.Tests", "Oracle", name);

    /// <summary>Differences from upstream and why, by service and rule.</summary>
    public static IReadOnlyDictionary<string, string> Differences(string service) => Reasons("policy-differences.json", service);

    /// <summary>Answers that do not follow from a rule alone, and why: <c>persona-exceptions.json</c>, <c>leak-exceptions.json</c>.</summary>
    public static IReadOnlyDictionary<string, string> Exceptions(string kind, string service) => Reasons(kind + "-exceptions.json", service);

    static Dictionary<string, string> Reasons(string file, string service) =>
        JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>>>(File.ReadAllText(FileOf(file)), Plain)!.GetValueOrDefault(service) ?? [];

    public IEnumerable<UpstreamRule> All => rules.Values.Select(r => r.Rule);

    /// <summary>The same rules with the deprecated ones counting too.</summary>
    public UpstreamRules Legacy()
    {
        foreach (var (name, (rule, parsed)) in rules.ToList())
            if (rule.Deprecated is { } old) rules[name] = (rule, new PolicyRule.Or([parsed, PolicyParser.Parse(old)]));
        return this;
    }

    public PolicyRule? Find(string name) => rules.TryGetValue(name, out var found) ? found.Parsed : null;

    public UpstreamRule? Declared(string name) => rules.TryGetValue(name, out var found) ? found.Rule : null;

    /// <summary>The rule with new defaults and scopes enforced.</summary>
    public bool Allows(string name, Caller caller, PolicyTarget target)
    {
        var (rule, parsed) = rules[name];
        var scope = caller.IsSystem ? "system" : caller.DomainId is not null ? "domain" : "project";
        return rule.Scopes?.Contains(scope) != false && parsed.Allows(caller, target, this);
    }
}
