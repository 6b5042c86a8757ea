using System.Text.RegularExpressions;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Placement.Candidates;

/// <summary>Reads the query of <c>GET /allocation_candidates</c>.</summary>
internal static partial class RequestParser
{
    private const string Numbered = "[1-9][0-9]*", Named = "[a-zA-Z0-9_-]{1,64}";

    private static readonly SchemaHistory Query = SchemaHistory.Of(Schema.Object(("resources", Types.Text)).Require("resources").Closed())
        .At("1.16", s => s.Add("limit", Schema.Of("integer", "string").Set("pattern", "^[1-9][0-9]*$").Set("minimum", 1).Set("minLength", 1)))
        .At("1.17", s => s.Add("required", Types.Text))
        .At("1.21", s => s.Add("member_of", Types.Text))
        .At("1.25", s => s.Remove("resources").Remove("required").Remove("member_of").Set("patternProperties", Patterns(Numbered, "resources", "required", "member_of"))
            .Add("group_policy", Schema.Of("string").Set("enum", new object[] { "none", "isolate" })))
        .At("1.31", s => s.Set("patternProperties", Patterns(Numbered, "resources", "required", "member_of", "in_tree")))
        .At("1.33", s => s.Set("patternProperties", Patterns(Named, "resources", "required", "member_of", "in_tree")))
        .At("1.35", s => s.Add("root_required", Types.Text))
        .At("1.36", s => s.Add("same_subtree", Types.Text));

    public static CandidateRequest Parse(Call call)
    {
        call.CheckQuery(Query);
        var (rootRequired, rootForbidden) = RootTraits(call);
        var subtrees = call.Query.All("same_subtree").Select(Subtree).ToList();
        var groups = Groups(call);
        if (call.At("1.36")) CheckSubtrees(groups, subtrees);
        else CheckOrphans(groups);
        if (call.At("1.22")) CheckConflicts(groups);
        var policy = call.Query.All("group_policy") is [var first, ..] ? first : null;
        if (policy is null && groups.Count(g => g.OneProvider) > 1)
            throw Errors.Invalid("The \"group_policy\" parameter is required when specifying more than one \"resources{N}\" parameter.");
        // More digits than a number has mean no limit.
        var limit = call.Query.All("limit") is [var text, ..] && int.TryParse(text, out var number) ? number : (int?)null;
        return new CandidateRequest(groups, limit, policy == "isolate", rootRequired, rootForbidden, subtrees, call.At("1.29"));
    }

    private static List<RequestGroup> Groups(Call call)
    {
        var pattern = call.At("1.33") ? NamedKey() : NumberedKey();
        var suffixes = call.Query.Names.Select(n => pattern.Match(n)).Where(m => m.Success).Select(m => m.Groups[2].Value).Distinct();
        return [.. suffixes.Select(s =>
        {
            var (required, forbidden) = QueryParts.Traits(call, "required" + s);
            var (memberOf, notMemberOf) = QueryParts.Aggregates(call, "member_of" + s);
            var resources = call.Query["resources" + s] is { } text ? QueryParts.Resources(text) : new Dictionary<string, long>();
            return new RequestGroup(s, resources, required, forbidden, memberOf, notMemberOf, call.Query["in_tree" + s] is { } tree ? QueryParts.Tree(tree) : null);
        })];
    }

    private static (IReadOnlyList<string>, IReadOnlyList<string>) RootTraits(Call call)
    {
        var values = call.Query.All("root_required");
        if (values.Count == 0) return ([], []);
        if (values.Count > 1) throw Errors.Invalid("Query parameter 'root_required' may be specified only once.", Errors.DuplicateKey);
        if (values[0].StartsWith("in:", StringComparison.Ordinal))
            throw Errors.Invalid($"Invalid query string parameters: The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39. Got: {values[0]}");
        var (required, forbidden) = (new List<string[]>(), new List<string>());
        QueryParts.AllOf(values[0], true, required, forbidden);
        var conflicts = required.Select(r => r[0]).Intersect(forbidden).ToList();
        return conflicts.Count == 0 ? ([.. required.Select(r => r[0])], forbidden)
            : throw Errors.Invalid($"Conflicting required and forbidden traits found in root_required: {string.Join(", ", conflicts)}", Errors.BadValue);
    }

    private static IReadOnlyList<string> Subtree(string value)
    {
        var suffixes = value.Split(',', StringSplitOptions.TrimEntries).Distinct().ToList();
        return !suffixes.Contains("") ? suffixes : throw Errors.Invalid("Empty string (unsuffixed group) can not be specified in `same_subtree` ", Errors.BadValue);
    }

    private static void CheckSubtrees(List<RequestGroup> groups, List<IReadOnlyList<string>> subtrees)
    {
        var empty = groups.Where(g => g.Resources.Count == 0).Select(g => g.Suffix).ToList();
        var named = subtrees.SelectMany(s => s).ToHashSet(StringComparer.Ordinal);
        if (empty.Count == groups.Count) throw Errors.Invalid("There must be at least one resources or resources[$S] parameter.", Errors.MissingValue);
        var bad = empty.Where(s => !named.Contains(s)).ToList();
        if (bad.Count > 0) throw Errors.Invalid($"Resourceless suffixed group request should be specified in `same_subtree` query param: bad group(s) - {List(bad)}.", Errors.BadValue);
        var unreal = named.Where(s => !groups.Exists(g => g.Suffix == s)).ToList();
        if (unreal.Count > 0) throw Errors.Invalid($"Real suffixes should be specified in `same_subtree`: {List(unreal)} not found in {List(groups.Select(g => g.Suffix))}.", Errors.BadValue);
    }

    private static void CheckOrphans(List<RequestGroup> groups)
    {
        var traits = groups.Where(g => g.Required.Count > 0 && g.Resources.Count == 0).Select(g => "required" + g.Suffix).ToList();
        if (traits.Count > 0) throw Errors.Invalid($"All traits parameters must be associated with resources.  Found the following orphaned traits keys: {string.Join(", ", traits)}");
        var members = groups.Where(g => g.MemberOf.Count + g.NotMemberOf.Count > 0 && g.Resources.Count == 0).Select(g => "member_of" + g.Suffix).ToList();
        if (members.Count > 0) throw Errors.Invalid($"All member_of parameters must be associated with resources. Found the following orphaned member_of keys: {string.Join(", ", members)}");
        if (groups.Exists(g => g.Resources.Count == 0)) throw Errors.Invalid("All request groups must specify resources.");
        if (groups.Count == 0) throw Errors.Invalid("At least one request group (`resources` or `resources{$S}`) is required.");
    }

    private static void CheckConflicts(List<RequestGroup> groups)
    {
        var conflicts = from g in groups
                        from any in g.Required
                        where any.All(g.Forbidden.Contains)
                        select $"required{g.Suffix}: ({string.Join(", ", any.Order(StringComparer.Ordinal))})";
        if (conflicts.Order(StringComparer.Ordinal).ToList() is { Count: > 0 } found)
            throw Errors.Invalid($"Conflicting required and forbidden traits found in the following traits keys: {string.Join(", ", found)}");
    }

    private static string List(IEnumerable<string> names) => $"[{string.Join(", ", names.Select(PythonRepr.Text))}]";

    private static SchemaMap Patterns(string suffix, params string[] names) => new(names.Select(n => new KeyValuePair<string, Schema>($"^{n}({suffix})?$", Types.Text)));

    [GeneratedRegex("^(resources|required|member_of|in_tree)([1-9][0-9]*)?$")]
    private static partial Regex NumberedKey();

    [GeneratedRegex("^(resources|required|member_of|in_tree)([a-zA-Z0-9_-]{1,64})?$")]
    private static partial Regex NamedKey();
}
