using System.Text;
using System.Text.Json;

namespace Nephos.Kernel.Api;

/// <summary>The query as sent: order and repetition kept, names case-sensitive, values percent-decoded.</summary>
public sealed class QueryArgs
{
    private readonly List<KeyValuePair<string, string>> _pairs = [];

    /// <summary>Parses a raw query without its question mark.</summary>
    public QueryArgs(string raw)
    {
        Raw = raw;
        foreach (var part in raw.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (part, "") : (part[..equals], part[(equals + 1)..]);
            _pairs.Add(new(Decode(name), Decode(value)));
        }
    }

    /// <summary>A query of these names and values.</summary>
    public static QueryArgs Of(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var query = new QueryArgs("");
        query._pairs.AddRange(pairs);
        return query;
    }

    /// <summary>As it came.</summary>
    public string Raw { get; }

    /// <summary>Every pair in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs => _pairs;

    /// <summary>The last value of a name, as most services take it; null if absent.</summary>
    public string? this[string name]
    {
        get
        {
            for (var i = _pairs.Count - 1; i >= 0; i--) if (_pairs[i].Key == name) return _pairs[i].Value;
            return null;
        }
    }

    /// <summary>Every value of a name.</summary>
    public IReadOnlyList<string> All(string name) => [.. _pairs.Where(p => p.Key == name).Select(p => p.Value)];

    /// <summary>True if the name occurs.</summary>
    public bool Has(string name) => _pairs.Exists(p => p.Key == name);

    /// <summary>Names in order of first occurrence.</summary>
    public IEnumerable<string> Names => _pairs.Select(p => p.Key).Distinct();

    /// <summary>The query again with some names replaced (null removes), for links to other pages.</summary>
    public string With(params (string Name, string? Value)[] changes)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in _pairs.Where(p => !Array.Exists(changes, c => c.Name == p.Key)).Select(p => (p.Key, (string?)p.Value)).Concat(changes))
            if (value is not null) text.Append(text.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        return text.ToString();
    }

    /// <summary>The query as a JSON object of lists, which is how query schemas see it.</summary>
    internal JsonElement AsJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var group in _pairs.GroupBy(p => p.Key))
            {
                json.WriteStartArray(group.Key);
                foreach (var pair in group) json.WriteStringValue(pair.Value);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length)).RootElement.Clone();
    }

    /// <summary>Percent-decoded; a zero byte, which PostgreSQL cannot even compare with, becomes a character that nothing is named by.</summary>
    internal static string Unescape(string text) => Uri.UnescapeDataString(text).Replace('\0', '\uFFFD');

    private static string Decode(string text) => Unescape(text.Replace('+', ' '));
}
