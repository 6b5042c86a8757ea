using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Nephos.Kernel.Api.Schemas;

/// <summary>Prints values as Python's <c>repr</c> and <c>str</c> do: upstream's error sentences contain them.</summary>
public static class PythonRepr
{
    /// <summary><c>repr</c> of a JSON value.</summary>
    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    /// <summary><c>str</c> of a JSON value: like <c>repr</c>, but a text stands without quotes.</summary>
    public static string Str(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : Of(value);

    /// <summary><c>repr</c> of a text.</summary>
    public static string Text(string value)
    {
        var quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        var text = new StringBuilder().Append(quote);
        foreach (var c in value)
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when c == quote => text.Append('\\').Append(c),
                < ' ' or '\x7f' => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => text.Append(c),
            };
        return text.Append(quote).ToString();
    }

    /// <summary><c>repr</c> of a keyword's value.</summary>
    internal static string OfKeyword(object value) => value switch
    {
        string text => Text(text),
        bool flag => flag ? "True" : "False",
        double number => number.ToString("R", CultureInfo.InvariantCulture) is var n && n.Contains('.', StringComparison.Ordinal) ? n : n + ".0",
        string[] list => $"[{string.Join(", ", list.Select(Text))}]",
        object[] list => $"[{string.Join(", ", list.Select(OfKeyword))}]", // Schema[] too
        SchemaMap map => $"{{{string.Join(", ", map.Select(p => $"{Text(p.Key)}: {OfKeyword(p.Value)}"))}}}",
        Schema schema => $"{{{string.Join(", ", schema.Keywords.Select(p => $"{Text(p.Key)}: {OfKeyword(p.Value)}"))}}}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                var first = true;
                foreach (var property in value.EnumerateObject())
                {
                    if (!first) text.Append(", ");
                    first = false;
                    text.Append(Text(property.Name)).Append(": ");
                    Append(text, property.Value);
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                for (var i = 0; i < value.GetArrayLength(); i++)
                {
                    if (i > 0) text.Append(", ");
                    Append(text, value[i]);
                }
                text.Append(']');
                break;
            case JsonValueKind.String: text.Append(Text(value.GetString()!)); break;
            case JsonValueKind.True: text.Append("True"); break;
            case JsonValueKind.False: text.Append("False"); break;
            case JsonValueKind.Null or JsonValueKind.Undefined: text.Append("None"); break;
            default: text.Append(value.GetRawText()); break;
        }
    }
}
