using System.Globalization;
using Nephos.Kernel.Api;

namespace Nephos.Placement.Candidates;

/// <summary>Parts of queries that providers and candidates share: resources, traits, aggregates.</summary>
internal static class QueryParts
{
    /// <summary><c>VCPU:2,MEMORY_MB:1024</c></summary>
    public static IReadOnlyDictionary<string, long> Resources(string text)
    {
        const string form = "Badly formed resources parameter. Expected resources query string parameter in form: ?resources=VCPU:2,MEMORY_MB:1024. Got: ";
        if (string.IsNullOrWhiteSpace(text)) throw Errors.Invalid(form + "empty string.");
        var result = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            var pieces = part.Split(':');
            if (pieces.Length != 2) throw Errors.Invalid($"{form}{part}.");
            if (!long.TryParse(pieces[1], NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var amount))
                throw Errors.Invalid($"Requested resource {pieces[0]} expected positive integer amount. Got: {pieces[1]}.");
            if (amount < 1) throw Errors.Invalid($"Requested resource {pieces[0]} requires amount >= 1. Got: {amount}.");
            result[pieces[0]] = amount;
        }
        return result;
    }

    /// <summary>Sets of traits of which each needs one, and traits that must not be there.</summary>
    public static (IReadOnlyList<string[]> Required, IReadOnlyList<string> Forbidden) Traits(Call call, string name)
    {
        var anyOf = call.At("1.39");
        var values = call.Query.All(name);
        var (required, forbidden) = (new List<string[]>(), new List<string>());
        foreach (var value in anyOf || values.Count == 0 ? values : [values[^1]])
        {
            if (value.StartsWith("in:", StringComparison.Ordinal)) required.Add(AnyOf(value, anyOf));
            else AllOf(value, call.At("1.22"), required, forbidden);
        }
        return (required, forbidden);
    }

    /// <summary>Traits of one value, the forbidden with <c>!</c>.</summary>
    public static void AllOf(string value, bool mayForbid, List<string[]> required, List<string> forbidden)
    {
        var traits = value.Split(',', StringSplitOptions.TrimEntries);
        if (traits.Any(t => t.TrimStart('!').Length == 0))
            throw Errors.Invalid($"Invalid query string parameters: Expected 'required' parameter value of the form: HW_CPU_X86_VMX,{(mayForbid ? "!" : "")}CUSTOM_MAGIC. Got an empty trait in: {value}");
        if (!mayForbid && traits.Any(t => t.StartsWith('!')))
            throw Errors.Invalid($"Invalid query string parameters: Expected 'required' parameter value of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: {value}");
        required.AddRange(traits.Where(t => !t.StartsWith('!')).Select(t => (string[])[t]));
        forbidden.AddRange(traits.Where(t => t.StartsWith('!')).Select(t => t.TrimStart('!')));
    }

    private static string[] AnyOf(string value, bool known)
    {
        if (!known) throw Errors.Invalid($"Invalid query string parameters: The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39. Got: {value}");
        var traits = value[3..].Split(',', StringSplitOptions.TrimEntries);
        if (traits.Any(t => t.Length == 0))
            throw Errors.Invalid($"Invalid query string parameters: Expected 'required' parameter value of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: {value}");
        return traits.Any(t => t.StartsWith('!'))
            ? throw Errors.Invalid($"Invalid query string parameters: The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' does not support forbidden traits. Got: {value}")
            : traits;
    }

    /// <summary>Sets of aggregates of which each needs one, and aggregates that must not be there.</summary>
    public static (IReadOnlyList<Guid[]> Required, IReadOnlyList<Guid> Forbidden) Aggregates(Call call, string name)
    {
        var values = call.Query.All(name);
        if (!call.At("1.24") && values.Count > 1) throw Errors.Invalid($"Multiple {name} parameters are not supported");
        var (required, forbidden) = (new List<Guid[]>(), new List<Guid>());
        foreach (var value in values)
        {
            var (not, any) = (value.StartsWith('!'), value.TrimStart('!').StartsWith("in:", StringComparison.Ordinal));
            if (!any && value.Contains(',', StringComparison.Ordinal))
                throw Errors.Invalid($"Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword using the valid microversion. Got: {value}");
            var ids = value[((not ? 1 : 0) + (any ? 3 : 0))..].Split(',').Select(Aggregate).ToArray();
            if (not && !call.At("1.32")) throw Errors.Invalid($"Forbidden {name} parameters are not supported in the specified microversion");
            if (not) forbidden.AddRange(ids);
            else required.Add(ids);
        }
        return (required, forbidden);
    }

    private static Guid Aggregate(string text) => Guid.TryParse(text, out var id) ? id
        : throw Errors.Invalid($"Invalid query string parameters: Expected 'member_of' parameter to contain valid UUID(s). Got: {text}");

    /// <summary>The provider whose tree is meant.</summary>
    public static Guid Tree(string text) => Guid.TryParse(text.Trim(), out var id) ? id
        : throw Errors.Invalid($"Invalid query string parameters: Expected 'in_tree' parameter to be a format of uuid. Got: {text}");
}
