using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Nephos.Identity.Versions;

/// <summary>One thing that the API serves, and its name in the JSON home document; without an extension it belongs to v3 itself.</summary>
internal sealed record Relation(string? Extension, string Name, string Path);

/// <summary>The JSON home document: paths by upstream's names of what they are (relations.tsv), for clients that know the names only.</summary>
internal static partial class JsonHome
{
    public const string Type = "application/json-home";
    private const string Base = "https://docs.openstack.org/api/openstack-identity/3/";
    private static readonly Lazy<Relation[]> All = new(() =>
    {
        using var text = new StreamReader(typeof(JsonHome).Assembly.GetManifestResourceStream("identity-relations.tsv")!);
        return [.. text.ReadToEnd().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('\t')).Select(p => new Relation(p[0] == "-" ? null : p[0], p[1], p[2]))];
    });

    public static IReadOnlyList<Relation> Relations => All.Value;

    /// <param name="prefix">What comes before the paths: nothing for the document of /v3 itself.</param>
    public static JsonObject Document(string prefix) => new()
    {
        ["resources"] = new JsonObject(Relations.Select(r => new KeyValuePair<string, JsonNode?>($"{Base}{Of(r.Extension)}rel/{r.Name}", Resource(r, prefix)))),
    };

    /// <summary>True for who would rather have it than plain JSON.</summary>
    public static bool IsWanted(string? accept) => MediaTypeHeaderValue.TryParseList([accept ?? ""], out var types) && Quality(types, Type) > Quality(types, "application/json");

    private static JsonObject Resource(Relation relation, string prefix)
    {
        var variables = Variable().Matches(relation.Path).Select(m => m.Groups[1].Value).ToList();
        var resource = variables.Count == 0
            ? new JsonObject { ["href"] = prefix + relation.Path }
            : new JsonObject
            {
                ["href-template"] = prefix + relation.Path,
                ["href-vars"] = new JsonObject(variables.Select(v => new KeyValuePair<string, JsonNode?>(v, Parameter(v, relation)))),
            };
        if (relation.Name.Contains("limit", StringComparison.Ordinal)) resource["hints"] = new JsonObject { ["status"] = "experimental" };
        return resource;
    }

    private static string Parameter(string name, Relation relation) => name switch
    {
        "group" or "option" => $"{Base}param/config_{name}",
        "value" => $"{Base}param/tag_value",
        "prior_role_id" or "implied_role_id" => $"{Base}param/role_id",
        "endpoint_group_id" or "consumer_id" or "request_token_id" or "access_token_id" or "trust_id" => $"{Base}{Of(relation.Extension)}param/{name}",
        _ => $"{Base}param/{name}",
    };

    private static string Of(string? extension) => extension is null ? "" : $"ext/{extension}/1.0/";

    // Named itself counts before a range that covers it.
    private static double Quality(IList<MediaTypeHeaderValue> accepted, string type) => accepted
        .Where(a => a.MatchesMediaType(type)).OrderBy(a => a.MatchesAllTypes ? 2 : a.MatchesAllSubTypes ? 1 : 0).FirstOrDefault() is { } best ? best.Quality ?? 1 : 0;

    [GeneratedRegex(@"\{([a-z_]+)\}")]
    private static partial Regex Variable();
}
