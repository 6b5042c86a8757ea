using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nephos.Kernel.Api.Schemas;

/// <summary>
/// A JSON schema as an ordered list of keywords: the first keyword that fails gives the error, as in Python's jsonschema, and its text
/// is printed in some services' errors. Immutable; every method gives a changed copy.
/// </summary>
public sealed class Schema
{
    private readonly KeyValuePair<string, object>[] _keywords;
    private Schema? _open;

    private Schema(params KeyValuePair<string, object>[] keywords) => _keywords = keywords;

    /// <summary>Keywords in order. Values are schemas, lists, maps of schemas, numbers, texts and booleans.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Keywords => _keywords;

    /// <summary>Any value.</summary>
    public static Schema Any { get; } = new();
    /// <summary>Null.</summary>
    public static Schema Null { get; } = Of("null");
    /// <summary>A JSON boolean.</summary>
    public static Schema Bool { get; } = Of("boolean");
    /// <summary>A boolean as old clients write it too: <c>"True"</c>, <c>"off"</c>, <c>"1"</c> (oslo strict).</summary>
    public static Schema LooseBool { get; } = Of("boolean", "string").Set("enum", new object[]
    {
        true, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes", "y", "t",
        false, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no", "n", "f",
    });
    /// <summary>A UUID with or without dashes, as text.</summary>
    public static Schema Uuid { get; } = Of("string").Set("format", "uuid");
    /// <summary>A link.</summary>
    public static Schema Uri { get; } = Of("string").Set("format", "uri");
    /// <summary>A time.</summary>
    public static Schema Time { get; } = Of("string").Set("format", "date-time");

    /// <summary>Null as one of the values of <see cref="Enum"/>.</summary>
    public static object None { get; } = new NoneValue();

    /// <summary>One or several types by JSON schema's names.</summary>
    public static Schema Of(params string[] types) => new(new KeyValuePair<string, object>("type", types.Length == 1 ? types[0] : types));

    /// <summary>A text with limits in characters.</summary>
    public static Schema Text(int? min = null, int? max = null, string? pattern = null) =>
        Of("string").SetIf("minLength", min).SetIf("maxLength", max).SetIf("pattern", pattern);

    /// <summary>A whole number.</summary>
    public static Schema Integer(long? min = null, long? max = null) => Of("integer").SetIf("minimum", min).SetIf("maximum", max);

    /// <summary>A whole number, or digits in a text (nova's older bodies).</summary>
    public static Schema LooseInteger(long? min = null, long? max = null, string pattern = "^[0-9]+$") =>
        Of("integer", "string").Set("pattern", pattern).SetIf("minimum", min).SetIf("maximum", max);

    /// <summary>A number.</summary>
    public static Schema Number(double? min = null, double? max = null) => Of("number").SetIf("minimum", min).SetIf("maximum", max);

    /// <summary>One of these values.</summary>
    public static Schema Enum(params object[] values) => new(new KeyValuePair<string, object>("enum", values));

    /// <summary>A list.</summary>
    public static Schema List(Schema items, int? min = null, int? max = null, bool unique = false) =>
        Of("array").Set("items", items).SetIf("minItems", min).SetIf("maxItems", max).SetIf("uniqueItems", unique ? true : null);

    /// <summary>An object with these properties, open to others until <see cref="Closed"/>.</summary>
    public static Schema Object(params (string Name, Schema Value)[] properties) =>
        Of("object").Set("properties", new SchemaMap(properties.Select(p => new KeyValuePair<string, Schema>(p.Name, p.Value))));

    /// <summary>An object whose keys follow a pattern, and nothing else.</summary>
    public static Schema Map(string keyPattern, Schema value) => Of("object")
        .Set("patternProperties", new SchemaMap([new(keyPattern, value)])).Set("additionalProperties", false);

    /// <summary>Exactly one of them.</summary>
    public static Schema OneOf(params Schema[] alternatives) => new(new KeyValuePair<string, object>("oneOf", alternatives));
    /// <summary>At least one of them.</summary>
    public static Schema AnyOf(params Schema[] alternatives) => new(new KeyValuePair<string, object>("anyOf", alternatives));
    /// <summary>All of them.</summary>
    public static Schema AllOf(params Schema[] parts) => new(new KeyValuePair<string, object>("allOf", parts));

    /// <summary>This schema with every object open to other properties; those that follow a pattern stay closed.</summary>
    public Schema Open => _open ??= new([.. _keywords
        .Where(k => !(k.Key == "additionalProperties" && k.Value is false && Get("patternProperties") is null))
        .Select(k => new KeyValuePair<string, object>(k.Key, k.Value switch
        {
            Schema inner => inner.Open,
            Schema[] many => Array.ConvertAll(many, s => s.Open),
            SchemaMap map => new SchemaMap(map.Select(p => new KeyValuePair<string, Schema>(p.Key, p.Value.Open))),
            var other => other,
        }))]);

    /// <summary>No other properties.</summary>
    public Schema Closed() => Set("additionalProperties", false);
    /// <summary>Other properties follow this schema.</summary>
    public Schema Others(Schema value) => Set("additionalProperties", value);
    /// <summary>Properties that must be there; adds to those required already.</summary>
    public Schema Require(params string[] names) => Set("required", Get("required") is string[] known ? [.. known.Union(names)] : names);
    /// <summary>Properties no longer required.</summary>
    public Schema Unrequire(params string[] names) =>
        Get("required") is string[] known && known.Except(names).ToArray() is { Length: > 0 } left ? Set("required", left) : Without("required");
    /// <summary>Also null.</summary>
    public Schema OrNull() => Get("type") switch
    {
        string one => Set("type", new[] { one, "null" }),
        string[] many => Set("type", (string[])[.. many, "null"]),
        _ => AnyOf(this, Null),
    };

    /// <summary>Adds or replaces a property of an object schema.</summary>
    public Schema Add(string name, Schema value) => Set("properties", Properties().With(name, value));
    /// <summary>Removes a property, also from the required ones.</summary>
    public Schema Remove(string name) => Set("properties", Properties().Without(name)).Unrequire(name);
    /// <summary>Changes the schema of a property.</summary>
    public Schema In(string name, Func<Schema, Schema> change) => Add(name, change(Properties()[name]));

    /// <summary>Sets a keyword; one that is there keeps its place.</summary>
    public Schema Set(string keyword, object value)
    {
        var at = Array.FindIndex(_keywords, k => k.Key == keyword);
        if (at < 0) return new([.. _keywords, new(keyword, value)]);
        var copy = (KeyValuePair<string, object>[])_keywords.Clone();
        copy[at] = new(keyword, value);
        return new(copy);
    }

    /// <summary>Removes a keyword.</summary>
    public Schema Without(string keyword) => new([.. _keywords.Where(k => k.Key != keyword)]);

    /// <summary>A keyword's value, or null.</summary>
    public object? Get(string keyword)
    {
        foreach (var pair in _keywords) if (pair.Key == keyword) return pair.Value;
        return null;
    }

    /// <summary>The schema as a JSON document, for the inventory.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var (key, value) in _keywords) json[key] = Json(value);
        return json;
    }

    private static JsonNode? Json(object value) => value switch
    {
        Schema schema => schema.ToJson(),
        SchemaMap map => new JsonObject(map.Select(p => new KeyValuePair<string, JsonNode?>(p.Key, p.Value.ToJson()))),
        Schema[] list => new JsonArray([.. list.Select(s => (JsonNode?)s.ToJson())]),
        object[] list when value is not string[] => new JsonArray([.. list.Select(v => v is NoneValue ? null : JsonSerializer.SerializeToNode(v))]),
        _ => JsonSerializer.SerializeToNode(value),
    };

    private Schema SetIf(string keyword, object? value) => value is null ? this : Set(keyword, value);
    private SchemaMap Properties() => Get("properties") as SchemaMap ?? new SchemaMap([]);
}

internal sealed class NoneValue
{
    public override string ToString() => "None";
}

/// <summary>Schemas by name, in order.</summary>
public sealed class SchemaMap(IEnumerable<KeyValuePair<string, Schema>> entries) : IEnumerable<KeyValuePair<string, Schema>>
{
    private readonly KeyValuePair<string, Schema>[] _entries = [.. entries];

    /// <summary>The schema of a name.</summary>
    /// <exception cref="KeyNotFoundException">No such name: a delta refers to what its base does not have.</exception>
    public Schema this[string name] => Find(name) ?? throw new KeyNotFoundException($"The schema has no property '{name}'.");

    /// <summary>The schema of a name, or null.</summary>
    public Schema? Find(string name)
    {
        foreach (var entry in _entries) if (entry.Key == name) return entry.Value;
        return null;
    }

    internal SchemaMap With(string name, Schema value) => Find(name) is null
        ? new([.. _entries, new(name, value)])
        : new(_entries.Select(e => e.Key == name ? new(name, value) : e));

    internal SchemaMap Without(string name) => new(_entries.Where(e => e.Key != name));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Schema>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, Schema>>)_entries).GetEnumerator();
    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => _entries.GetEnumerator();
}

/// <summary>A schema through the versions: a base and what changed since, each beside its reason.</summary>
public sealed class SchemaHistory
{
    private readonly List<(Microversion From, Schema Schema)> _schemas = [];

    private SchemaHistory(Schema first) => _schemas.Add((default, first));

    /// <summary>The first version's schema; the only one for services without versions.</summary>
    public static SchemaHistory Of(Schema first) => new(first);

    /// <summary>What changes from a version on. Deltas are written in order of version.</summary>
    public SchemaHistory At(string version, Func<Schema, Schema> change)
    {
        var from = Microversion.Parse(version);
        if (from <= _schemas[^1].From) throw new InvalidOperationException($"{version} is not after {_schemas[^1].From}.");
        _schemas.Add((from, change(_schemas[^1].Schema)));
        return this;
    }

    /// <summary>The schema in force at a version.</summary>
    public Schema For(Microversion version)
    {
        for (var i = _schemas.Count - 1; i > 0; i--) if (version >= _schemas[i].From) return _schemas[i].Schema;
        return _schemas[0].Schema;
    }

    /// <summary>Versions at which it changes, the first as 0.0.</summary>
    public IReadOnlyList<Microversion> Versions => [.. _schemas.Select(s => s.From)];
}
