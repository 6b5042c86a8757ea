using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Nephos.Kernel.Api.Views;

/// <summary>JSON of answers: snake case, no needless escaping, times as the service writes them, fields by version.</summary>
public static class ViewJson
{
    private static readonly ConcurrentDictionary<(TimeStyle, Microversion), JsonSerializerOptions> Cache = [];

    /// <summary>Without versions: for errors, and for reading bodies into records.</summary>
    public static JsonSerializerOptions Plain { get; } = Make(TimeStyle.Seconds, null);

    /// <summary>For answers at a version; built at its first use.</summary>
    public static JsonSerializerOptions For(TimeStyle times, Microversion? version) =>
        Cache.GetOrAdd((times, version ?? default), key => Make(key.Item1, key.Item2 == default ? null : key.Item2));

    private static JsonSerializerOptions Make(TimeStyle times, Microversion? version)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            NumberHandling = JsonNumberHandling.Strict,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { info => Shape(info, version) } },
        };
        options.Converters.Add(new TimeJson(times));
        options.MakeReadOnly();
        return options;
    }

    private static void Shape(JsonTypeInfo info, Microversion? version)
    {
        if (info.Kind != JsonTypeInfoKind.Object) return;
        for (var i = info.Properties.Count - 1; i >= 0; i--)
        {
            var property = info.Properties[i];
            if (property.AttributeProvider is not MemberInfo member) continue;
            if (version is { } at &&
                (member.GetCustomAttribute<SinceAttribute>() is { } since && at < since.Version || member.GetCustomAttribute<UntilAttribute>() is { } until && at > until.Version))
            {
                info.Properties.RemoveAt(i);
                continue;
            }
            if (member.GetCustomAttribute<NamedAttribute>() is { } named) property.Name = named.Name;
            if (member.GetCustomAttribute<OmitNullAttribute>() is not null) property.ShouldSerialize = (_, value) => value is not null;
        }
    }

    private sealed class TimeJson(TimeStyle style) : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.Parse(reader.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(style == TimeStyle.Seconds ? Wire.Seconds(value) : Wire.Microseconds(value));
    }
}

/// <summary>Times as texts, where a field differs from its service's style.</summary>
public static class Wire
{
    /// <summary><c>2026-11-20T11:02:33Z</c></summary>
    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("s", CultureInfo.InvariantCulture) + "Z";
    /// <summary><c>2026-11-20T11:02:33.123456Z</c></summary>
    public static string Microseconds(DateTimeOffset time) => NoZone(time) + "Z";
    /// <summary><c>2026-11-20T11:02:33.123456</c>, as nova writes launch and event times.</summary>
    public static string NoZone(DateTimeOffset time) => time.UtcDateTime.ToString("o", CultureInfo.InvariantCulture)[..26];
}
