using System.Globalization;
using System.Text.Json;

namespace Nephos.Kernel.Api.Schemas;

/// <summary>
/// Checks a JSON value against a schema and stops at the first error, with jsonschema's sentence. Ours rather than a library because
/// clients and tests read these sentences.
/// </summary>
public static class Validator
{

    /// <summary>The first error, or null.</summary>
    public static SchemaError? FirstError(Schema schema, JsonElement value) => Check(schema, value, new Trail());

    private static SchemaError? Check(Schema schema, JsonElement value, Trail trail)
    {
        foreach (var (keyword, expected) in schema.Keywords)
            if (CheckKeyword(schema, keyword, expected, value, trail) is { } error) return error;
        return null;
    }

    private static SchemaError? CheckKeyword(Schema schema, string keyword, object expected, JsonElement value, Trail trail)
    {
        SchemaError Fail(string message) => new(message, [.. trail.Path], keyword, [.. trail.SchemaPath], schema, value);
        string Repr() => PythonRepr.Of(value);
        var kind = value.ValueKind;
        switch (keyword)
        {
            case "type":
                return Is(value, expected) ? null : Fail($"{Repr()} is not of type {(expected is string[] many ? string.Join(", ", many.Select(PythonRepr.Text)) : PythonRepr.Text((string)expected))}");
            case "enum":
                return ((object[])expected).Any(e => Same(e, value)) ? null : Fail($"{Repr()} is not one of {PythonRepr.OfKeyword(expected)}");
            case "minLength" when kind == JsonValueKind.String:
                return Length(value) >= (int)expected ? null : Fail($"{Repr()} is too short");
            case "maxLength" when kind == JsonValueKind.String:
                return Length(value) <= (int)expected ? null : Fail($"{Repr()} is too long");
            case "pattern" when kind == JsonValueKind.String:
                return Pattern.Matches((string)expected, value.GetString()!) ? null : Fail($"{Repr()} does not match {PythonRepr.Text((string)expected)}");
            case "format" when kind == JsonValueKind.String:
                return Formats.Holds((string)expected, value.GetString()!) ? null : Fail($"{Repr()} is not a {PythonRepr.Text((string)expected)}");
            case "minimum" when Number(value) is { } number:
                return number >= Convert.ToDouble(expected, CultureInfo.InvariantCulture) ? null : Fail($"{Str(value)} is less than the minimum of {PythonRepr.OfKeyword(expected)}");
            case "maximum" when Number(value) is { } number:
                return number <= Convert.ToDouble(expected, CultureInfo.InvariantCulture) ? null : Fail($"{Str(value)} is greater than the maximum of {PythonRepr.OfKeyword(expected)}");
            case "minItems" when kind == JsonValueKind.Array:
                return value.GetArrayLength() >= (int)expected ? null : Fail($"{Repr()} is too short");
            case "maxItems" when kind == JsonValueKind.Array:
                return value.GetArrayLength() <= (int)expected ? null : Fail($"{Repr()} is too long");
            case "uniqueItems" when kind == JsonValueKind.Array && expected is true:
                return value.EnumerateArray().Select(PythonRepr.Of).Distinct().Count() == value.GetArrayLength() ? null : Fail($"{Repr()} has non-unique elements");
            case "minProperties" when kind == JsonValueKind.Object:
                return value.GetPropertyCount() >= (int)expected ? null : Fail($"{Repr()} does not have enough properties");
            case "maxProperties" when kind == JsonValueKind.Object:
                return value.GetPropertyCount() <= (int)expected ? null : Fail($"{Repr()} has too many properties");
            case "required" when kind == JsonValueKind.Object:
                return Array.Find((string[])expected, name => !value.TryGetProperty(name, out _)) is { } missing ? Fail($"{PythonRepr.Text(missing)} is a required property") : null;
            case "properties" when kind == JsonValueKind.Object:
                return Properties((SchemaMap)expected, value, trail);
            case "patternProperties" when kind == JsonValueKind.Object:
                return PatternProperties((SchemaMap)expected, value, trail);
            case "additionalProperties" when kind == JsonValueKind.Object:
                return Additional(schema, expected, value, trail) is { } error ? error.Message.Length > 0 && error.Keyword.Length > 0 ? error : Fail(error.Message) : null;
            case "items" when kind == JsonValueKind.Array:
                return Items((Schema)expected, value, trail);
            case "anyOf":
                return ((Schema[])expected).Any(s => Check(s, value, new Trail()) is null) ? null : Fail($"{Repr()} is not valid under any of the given schemas");
            case "oneOf":
                var valid = ((Schema[])expected).Where(s => Check(s, value, new Trail()) is null).ToList();
                return valid.Count switch
                {
                    1 => null,
                    0 => Fail($"{Repr()} is not valid under any of the given schemas"),
                    _ => Fail($"{Repr()} is valid under each of {string.Join(", ", valid.Skip(1).Append(valid[0]).Select(PythonRepr.OfKeyword))}"),
                };
            case "allOf":
                return AllOf((Schema[])expected, value, trail);
            case "not":
                return Check((Schema)expected, value, new Trail()) is not null ? null : Fail($"{Repr()} should not be valid under {PythonRepr.OfKeyword(expected)}");
            default:
                return null;
        }
    }

    private static SchemaError? Properties(SchemaMap properties, JsonElement value, Trail trail)
    {
        foreach (var (name, schema) in properties)
            if (value.TryGetProperty(name, out var part) && trail.Into(name, "properties", name, () => Check(schema, part, trail)) is { } error) return error;
        return null;
    }

    private static SchemaError? PatternProperties(SchemaMap patterns, JsonElement value, Trail trail)
    {
        foreach (var (pattern, schema) in patterns)
            foreach (var property in value.EnumerateObject())
                if (Pattern.Matches(pattern, property.Name) && trail.Into(property.Name, "patternProperties", pattern, () => Check(schema, property.Value, trail)) is { } error) return error;
        return null;
    }

    /// <summary>An error of a nested schema as it is; one of our own with an empty keyword, for the caller to place.</summary>
    private static SchemaError? Additional(Schema schema, object expected, JsonElement value, Trail trail)
    {
        var (known, patterns) = (schema.Get("properties") as SchemaMap, schema.Get("patternProperties") as SchemaMap);
        List<string>? extras = null;
        foreach (var property in value.EnumerateObject())
        {
            if (known?.Find(property.Name) is not null || (patterns?.Any(p => Pattern.Matches(p.Key, property.Name)) ?? false)) continue;
            if (expected is Schema other)
            {
                if (trail.Into(property.Name, "additionalProperties", null, () => Check(other, property.Value, trail)) is { } error) return error;
            }
            else if (expected is false) (extras ??= []).Add(property.Name);
        }
        if (extras is null) return null;
        extras.Sort(StringComparer.Ordinal);
        var names = string.Join(", ", extras.Select(PythonRepr.Text));
        return new SchemaError(patterns is null
            ? $"Additional properties are not allowed ({names} {(extras.Count == 1 ? "was" : "were")} unexpected)"
            : $"{names} {(extras.Count == 1 ? "does" : "do")} not match any of the regexes: {string.Join(", ", patterns.Select(p => p.Key).Order(StringComparer.Ordinal).Select(PythonRepr.Text))}",
            [], "", [], schema, value);
    }

    private static SchemaError? Items(Schema items, JsonElement value, Trail trail)
    {
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (trail.Into(i.ToString(CultureInfo.InvariantCulture), "items", null, () => Check(items, item, trail)) is { } error) return error;
            i++;
        }
        return null;
    }

    private static SchemaError? AllOf(Schema[] parts, JsonElement value, Trail trail)
    {
        for (var i = 0; i < parts.Length; i++)
            if (trail.Into(null, "allOf", i.ToString(CultureInfo.InvariantCulture), () => Check(parts[i], value, trail)) is { } error) return error;
        return null;
    }

    private static bool Is(JsonElement value, object types) => types is string one ? Is(value, one) : Array.Exists((string[])types, t => Is(value, t));

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && IsWhole(value),
        _ => true,
    };

    private static bool IsWhole(JsonElement value)
    {
        // Like Python's json: 1 is an integer, 1.0 and 1e3 are floats.
        var text = value.GetRawText();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0;
    }

    private static bool Same(object expected, JsonElement value) => expected switch
    {
        string text => value.ValueKind == JsonValueKind.String && value.ValueEquals(text),
        NoneValue => value.ValueKind == JsonValueKind.Null,
        bool flag => value.ValueKind == (flag ? JsonValueKind.True : JsonValueKind.False),
        _ => value.ValueKind == JsonValueKind.Number && value.GetDouble() == Convert.ToDouble(expected, CultureInfo.InvariantCulture),
    };

    // nova compares texts of digits as numbers too, so that "minimum" means something for loose integers.
    private static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private static string Str(JsonElement value) => value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), out var number)
        ? number.ToString(CultureInfo.InvariantCulture) : PythonRepr.Of(value);

    private static int Length(JsonElement value)
    {
        // In code points, as Python counts.
        var text = value.GetString()!;
        var surrogates = text.Count(char.IsHighSurrogate);
        return text.Length - surrogates;
    }

    /// <summary>Where the check is, in the value and in the schema.</summary>
    private sealed class Trail
    {
        public List<string> Path { get; } = [];
        public List<string> SchemaPath { get; } = [];

        public SchemaError? Into(string? name, string keyword, string? schemaName, Func<SchemaError?> check)
        {
            var (depth, schemaDepth) = (Path.Count, SchemaPath.Count);
            if (name is not null) Path.Add(name);
            SchemaPath.Add(keyword);
            if (schemaName is not null) SchemaPath.Add(schemaName);
            var error = check();
            Path.RemoveRange(depth, Path.Count - depth);
            SchemaPath.RemoveRange(schemaDepth, SchemaPath.Count - schemaDepth);
            return error;
        }
    }
}
