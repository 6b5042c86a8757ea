using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nephos.Contracts;

/// <summary>A text that must not be seen: it prints as <c>***</c>, in logs, errors and debuggers alike. Ask for <see cref="Reveal"/> where it is used.</summary>
[JsonConverter(typeof(SecretJson))]
public sealed class Secret(string value)
{
    /// <summary>The text itself.</summary>
    public string Reveal() => value;

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";

    private sealed class SecretJson : JsonConverter<Secret>
    {
        public override Secret? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } text ? new Secret(text) : null;

        // Only the node link writes secrets, over its own socket; views never hold one.
        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Reveal());
    }
}
