using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nephos.Identity.DomainConfigs;

/// <summary>Which settings a domain may have, and their defaults; upstream's closed list.</summary>
internal static class DomainOptions
{
    private static readonly string[] Readable = ["password_regex", "password_regex_description"];
    private static readonly Lazy<JsonObject> All = new(() =>
    {
        using var stream = typeof(DomainOptions).Assembly.GetManifestResourceStream("domain-config-defaults.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    });

    public static bool IsSecret(string group, string name) => (group, name) is ("ldap", "password");

    /// <exception cref="Contracts.Fault">403 for a group or an option outside the list.</exception>
    public static void Check(string? group, string? name)
    {
        if (group is null) return;
        if (All.Value[group] is not JsonObject known) throw Errors.DomainConfigInvalid($"Group {group} is not supported for domain specific configurations");
        if (name is not null && !known.ContainsKey(name) && !IsSecret(group, name))
            throw Errors.DomainConfigInvalid($"Option {name} in group {group} is not supported for domain specific configurations");
    }

    /// <summary>Everything in the body, checked.</summary>
    public static List<DomainOption> Read(JsonElement config)
    {
        if (config.ValueKind != JsonValueKind.Object || !config.EnumerateObject().Any()) throw Errors.DomainConfigInvalid("No options specified");
        var options = new List<DomainOption>();
        foreach (var group in config.EnumerateObject())
        {
            if (group.Value.ValueKind != JsonValueKind.Object || !group.Value.EnumerateObject().Any())
                throw Errors.DomainConfigInvalid($"The value of group {group.Name} specified in the config should be a dictionary of options");
            foreach (var option in group.Value.EnumerateObject())
            {
                Check(group.Name, option.Name);
                options.Add(new(group.Name, option.Name, option.Value.GetRawText()));
            }
        }
        return options;
    }

    public static JsonNode Default(string? group, string? name)
    {
        Check(group, name);
        if (group is null) return All.Value.DeepClone();
        if (name is null) return new JsonObject { [group] = All.Value[group]!.DeepClone() };
        if (IsSecret(group, name)) throw Errors.DomainConfigInvalid($"Reading the default for option {name} in group {group} is not supported");
        return new JsonObject { [name] = All.Value[group]![name]?.DeepClone() };
    }

    /// <summary>Password rules, which only the default domain shows.</summary>
    public static JsonNode PasswordRules(SecurityComplianceOptions rules, string domain, string? name)
    {
        if (domain != "default") throw Errors.DomainConfigInvalid("Reading security compliance information for any domain other than the default domain is not allowed or supported.");
        if (name is not null && !Readable.Contains(name))
            throw Errors.DomainConfigInvalid("Reading security compliance values other than password_regex and password_regex_description is not allowed.");
        var shown = new JsonObject { [Readable[0]] = rules.PasswordRegexText, [Readable[1]] = rules.PasswordRegexDescription };
        return name is not null ? new JsonObject { [name] = shown[name]?.DeepClone() } : new JsonObject { ["security_compliance"] = shown };
    }

    public static JsonObject Shown(IEnumerable<DomainOption> options)
    {
        var config = new JsonObject();
        foreach (var option in options)
        {
            if (config[option.Group] is not JsonObject group) config[option.Group] = group = [];
            group[option.Name] = JsonNode.Parse(option.Value);
        }
        return config;
    }
}
