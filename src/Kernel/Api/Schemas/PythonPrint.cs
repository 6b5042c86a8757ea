using System.Text.Json;

namespace Nephos.Kernel.Api.Schemas;

/// <summary>
/// Python's <c>pprint.pformat(value, width=72)</c> for JSON-like values: on one line if it fits, else one item per line, keys sorted.
/// keystone and glance send it in their 400s.
/// </summary>
internal static class PythonPrint
{
    private const int Width = 72;

    public static string Format(Schema schema) => Format(Tree(schema), 0, 0);
    public static string Format(JsonElement value) => Format(Tree(value), 0, 0);

    private static string Format(object tree, int indent, int allowance)
    {
        var flat = Flat(tree);
        if (flat.Length <= Width - indent - allowance) return flat;
        return tree switch
        {
            List<KeyValuePair<string, object>> map when map.Count > 0 => "{" + Join(map.Count, indent, i =>
            {
                var key = PythonRepr.Text(map[i].Key);
                return key + ": " + Format(map[i].Value, indent + key.Length + 3, (i == map.Count - 1 ? allowance : 0) + 1);
            }) + "}",
            List<object> list when list.Count > 0 => "[" + Join(list.Count, indent, i =>
                Format(list[i], indent + 1, (i == list.Count - 1 ? allowance : 0) + 1)) + "]",
            _ => flat,
        };
    }

    private static string Join(int count, int indent, Func<int, string> item) =>
        string.Join(",\n" + new string(' ', indent + 1), Enumerable.Range(0, count).Select(item));

    private static string Flat(object tree) => tree switch
    {
        List<KeyValuePair<string, object>> map => "{" + string.Join(", ", map.Select(p => PythonRepr.Text(p.Key) + ": " + Flat(p.Value))) + "}",
        List<object> list => "[" + string.Join(", ", list.Select(Flat)) + "]",
        _ => (string)tree,
    };

    // A tree of maps (sorted, as pprint does), lists and finished texts.
    private static object Tree(object value) => value switch
    {
        Schema schema => Sorted(schema.Keywords.Select(k => new KeyValuePair<string, object>(k.Key, Tree(k.Value)))),
        SchemaMap map => Sorted(map.Select(p => new KeyValuePair<string, object>(p.Key, Tree(p.Value)))),
        Schema[] list => list.Select(Tree).ToList(),
        string[] list => list.Select(t => (object)PythonRepr.Text(t)).ToList(),
        object[] list => list.Select(v => (object)PythonRepr.OfKeyword(v)).ToList(),
        JsonElement { ValueKind: JsonValueKind.Object } json => Sorted(json.EnumerateObject().Select(p => new KeyValuePair<string, object>(p.Name, Tree(p.Value)))),
        JsonElement { ValueKind: JsonValueKind.Array } json => json.EnumerateArray().Select(v => Tree(v)).ToList(),
        JsonElement json => PythonRepr.Of(json),
        _ => PythonRepr.OfKeyword(value),
    };

    private static List<KeyValuePair<string, object>> Sorted(IEnumerable<KeyValuePair<string, object>> map) => [.. map.OrderBy(p => p.Key, StringComparer.Ordinal)];
}
