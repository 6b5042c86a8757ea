using System.Text;
using Nephos.Kernel.Api;

namespace Nephos.Documents;

/// <summary>A service's rules as the file that an operator may put into <c>/etc/nephos/policy</c>: every line a comment with its default.</summary>
static class PolicySample
{
    public static string Of(ServiceApi api)
    {
        var text = new StringBuilder($"# Rules of {api.Type} with their defaults. Copy what you change to /etc/nephos/policy/{api.Type}.yaml\n# and take the '#' before the rule away; the file is read again when it changes.\n");
        foreach (var rule in api.Policies.Defaults.Values.OrderBy(r => r.Name, StringComparer.Ordinal))
        {
            text.Append($"\n# {rule.Description}\n");
            foreach (var operation in rule.Operations) text.Append($"# {operation}\n");
            text.Append($"#\"{rule.Name}\": \"{rule.Text}\"\n");
        }
        return text.ToString();
    }
}
