using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nephos.Network.Attributes;

/// <summary>A resource as a caller may see it: a row and the attributes shown of it, written without anything in between.</summary>
[JsonConverter(typeof(ResourceViewJson))]
internal abstract class ResourceView
{
    public abstract void Write(Utf8JsonWriter json, JsonSerializerOptions options);
}

/// <inheritdoc/>
[JsonConverter(typeof(ResourceViewJson))]
internal sealed class ResourceView<T>(T row, IReadOnlyList<Attribute<T>> shown) : ResourceView
{
    public override void Write(Utf8JsonWriter json, JsonSerializerOptions options)
    {
        json.WriteStartObject();
        for (var i = 0; i < shown.Count; i++)
        {
            json.WritePropertyName(shown[i].Key);
            Write(json, shown[i].Show(row), options);
        }
        json.WriteEndObject();
    }

    // The usual types directly: asking the serializer for each costs more than writing it.
    private static void Write(Utf8JsonWriter json, object? value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case Guid id: json.WriteStringValue(id); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case long number: json.WriteNumberValue(number); break;
            case int number: json.WriteNumberValue(number); break;
            default: JsonSerializer.Serialize(json, value, value.GetType(), options); break;
        }
    }
}

internal sealed class ResourceViewJson : JsonConverter<ResourceView>
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsAssignableTo(typeof(ResourceView));

    public override ResourceView Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, ResourceView value, JsonSerializerOptions options) => value.Write(writer, options);
}
