using System.Collections.Frozen;
using Nephos.Contracts;
using YamlDotNet.RepresentationModel;

namespace Nephos.Kernel.Policy;

/// <summary>A rule as a route or a service declares it.</summary>
/// <param name="Name">Upstream's name, <c>os_compute_api:servers:create</c>.</param>
/// <param name="Text">Default, in oslo.policy's language.</param>
/// <param name="Description">For the sample file.</param>
/// <param name="Operations">Methods and paths it guards, for the sample file.</param>
public sealed record PolicyDefault(string Name, string Text, string Description, IReadOnlyList<string> Operations);

/// <summary>
/// The rules of one service: declared defaults, overridden by an operator's file. A file may define helper rules of its own. A rule
/// that does not parse or refers to nothing refuses the start; on reload the old rules stay and the reason is reported.
/// </summary>
public sealed class PolicyRegistry : IPolicyRules
{
    private readonly Dictionary<string, PolicyDefault> _defaults = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _scopes = new(StringComparer.Ordinal);
    private FrozenDictionary<string, PolicyRule>? _rules;
    private IReadOnlyDictionary<string, string> _legacy = FrozenDictionary<string, string>.Empty;
    private string? _file;
    private DateTime _fileTime;

    /// <summary>Everything declared, by name.</summary>
    public IReadOnlyDictionary<string, PolicyDefault> Defaults => _defaults;

    /// <summary>Warnings of the last load: names in the file that nothing uses.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Declares a rule; the same name again adds an operation and must have the same text.</summary>
    public void Declare(string name, string text, string description, string? operation = null)
    {
        if (_rules is not null) throw new InvalidOperationException("Rules are declared before the first request.");
        if (_defaults.TryGetValue(name, out var known))
        {
            if (known.Text != text) throw new InvalidOperationException($"{name} is declared twice with different texts: \"{known.Text}\" and \"{text}\".");
            if (operation is not null && !known.Operations.Contains(operation)) _defaults[name] = known with { Operations = [.. known.Operations, operation] };
            return;
        }
        _defaults[name] = new PolicyDefault(name, text, description, operation is null ? [] : [operation]);
    }

    /// <summary>The rule is only for tokens of these scopes (<c>system</c>, <c>domain</c>, <c>project</c>), whatever its text says; an unscoped token counts as <c>project</c>.</summary>
    public void Restrict(string name, params string[] scopes) => _scopes[name] = scopes;

    /// <summary>Scopes of rules that <see cref="Restrict"/> says nothing about; null for any.</summary>
    public IReadOnlyList<string>? UsualScopes { get; set; }

    /// <summary>The scopes a rule is for, or null for any.</summary>
    public IReadOnlyList<string>? ScopesOf(string name) => _scopes.TryGetValue(name, out var scopes) ? scopes : UsualScopes;

    /// <summary>
    /// Closes declaration, and reads the operator's file if it exists (YAML, name: rule; JSON is YAML). Legacy rules count beside the
    /// defaults: what either allows is allowed; those that nobody declared are for others to refer to.
    /// </summary>
    /// <exception cref="FormatException">Names the file, the rule and what is wrong.</exception>
    public void Load(string? file, IReadOnlyDictionary<string, string>? legacy = null)
    {
        (_file, _legacy) = (file, legacy ?? _legacy);
        _rules = Read();
    }

    /// <summary>Reads the file again if it changed. Returns null when nothing changed or all is well, else why the old rules stay.</summary>
    public string? Reload()
    {
        if (_file is null || FileTime() == _fileTime) return null;
        try { _rules = Read(); return null; }
        catch (FormatException e) { return e.Message; }
    }

    /// <inheritdoc/>
    public PolicyRule? Find(string name) => (_rules ?? throw new InvalidOperationException("Load comes first.")).GetValueOrDefault(name);

    /// <summary>The answer for a caller; the program itself passes every rule.</summary>
    public bool Allows(string name, Caller caller, PolicyTarget target) =>
        Decide(name, caller, target) is true;

    /// <summary>The same for all targets at once, so that a list asks once: null if it depends on the target.</summary>
    public bool? Decide(string name, Caller caller, PolicyTarget? target = null) =>
        caller.IsService ? true : !InScope(name, caller) ? false : (Find(name) ?? throw new InvalidOperationException($"No rule {name}.")).Decide(caller, target, this);

    /// <summary>Why <see cref="Allows"/> answers as it does, or null for a rule that does not exist.</summary>
    public PolicyExplanation? Explain(string name, Caller caller, PolicyTarget target)
    {
        if (Find(name) is not { } rule) return null;
        var why = PolicyExplanation.Of(rule, caller, target, this);
        return ScopesOf(name) is not { } scopes ? why
            : new("all of", Allows(name, caller, target), [new($"a token of scope {string.Join(" or ", scopes)}", InScope(name, caller), []), why]);
    }

    private bool InScope(string name, Caller caller) => ScopesOf(name) is not { } scopes
        || scopes.Contains(caller.IsSystem ? "system" : caller.DomainId is not null ? "domain" : "project");

    private DateTime FileTime() => _file is not null && File.Exists(_file) ? File.GetLastWriteTimeUtc(_file) : default;

    private FrozenDictionary<string, PolicyRule> Read()
    {
        _fileTime = FileTime();
        var rules = new Dictionary<string, PolicyRule>(StringComparer.Ordinal);
        foreach (var (name, text) in _legacy) rules[name] = ParseOr(text, "legacy", name);
        foreach (var rule in _defaults.Values)
        {
            var declared = ParseOr(rule.Text, "built in", rule.Name);
            rules[rule.Name] = rules.TryGetValue(rule.Name, out var legacy) ? new PolicyRule.Or([declared, legacy]) : declared;
        }
        var own = new HashSet<string>(StringComparer.Ordinal);
        if (_fileTime != default)
            foreach (var (name, rule) in ReadFile(_file!)) { rules[name] = rule; own.Add(name); }
        foreach (var (name, rule) in rules)
            if (rule.References.FirstOrDefault(r => !rules.ContainsKey(r)) is { } missing)
                throw new FormatException($"{(own.Contains(name) ? _file : "built in")}: {name}: rule:{missing} refers to a rule that does not exist");
        var referenced = rules.Values.SelectMany(r => r.References).ToHashSet(StringComparer.Ordinal);
        foreach (var name in own) RefuseCycle(name, rules, []);
        Warnings = [.. own.Where(n => !_defaults.ContainsKey(n) && !referenced.Contains(n)).Select(n => $"{_file}: nothing uses the rule {n}")];
        return rules.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static IEnumerable<(string Name, PolicyRule Rule)> ReadFile(string file)
    {
        var yaml = new YamlStream();
        try { using var reader = new StreamReader(file); yaml.Load(reader); }
        catch (YamlDotNet.Core.YamlException e) { throw new FormatException($"{file}:{e.Start.Line}: {e.Message}"); }
        if (yaml.Documents is not [{ RootNode: YamlMappingNode map }]) yield break;
        foreach (var (key, value) in map)
        {
            var name = ((YamlScalarNode)key).Value ?? "";
            var where = $"{file}:{key.Start.Line}";
            yield return value switch
            {
                YamlScalarNode text => (name, ParseOr(text.Value ?? "", where, name)),
                YamlSequenceNode list => (name, PolicyParser.Parse(list.Select(i => i is YamlSequenceNode inner
                    ? inner.Select(x => x.ToString()) : [i.ToString()]))),
                _ => throw new FormatException($"{where}: {name}: expected a rule as text"),
            };
        }
    }

    private static PolicyRule ParseOr(string text, string where, string name)
    {
        try { return PolicyParser.Parse(text); }
        catch (FormatException e) { throw new FormatException($"{where}: {name}: {e.Message}", e); }
    }

    private static void RefuseCycle(string name, Dictionary<string, PolicyRule> rules, HashSet<string> above)
    {
        if (!above.Add(name)) throw new FormatException($"rule:{name} refers to itself");
        foreach (var next in rules[name].References) RefuseCycle(next, rules, above);
        above.Remove(name);
    }
}
