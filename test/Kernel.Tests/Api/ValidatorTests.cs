using System.Text.Json;
using Nephos.Kernel.Api.Schemas;
using Xunit;

namespace Nephos.Kernel.Tests.Api;

/// <summary>
/// The sentences of Python's jsonschema 4.10.3 (Debian 12) for a set of schemas and values, recorded from it on 2026-11-20. Clients
/// read these sentences in 400 answers.
/// </summary>
public class ValidatorTests
{
    public sealed record Recorded(JsonElement Schema, JsonElement Value, string? Message, string[] Path, string? Verbose);

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, All.Value.Length)];

    private static readonly Lazy<Recorded[]> All = new(() => JsonSerializer.Deserialize<Recorded[]>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Api", "jsonschema-4.10.json")), JsonSerializerOptions.Web)!);

    [Theory, MemberData(nameof(Cases))]
    public void Says_what_jsonschema_says(int number)
    {
        var recorded = All.Value[number];
        var error = Validator.FirstError(Read(recorded.Schema), recorded.Value);
        Assert.Equal(recorded.Message, error?.Message);
        Assert.Equal(recorded.Path, error?.Path ?? []);
        if (error is not null) Assert.Equal(recorded.Verbose, error.Verbose());
    }

    [Fact]
    public void A_pattern_takes_time_in_line_with_the_text()
    {
        // Tries every split of the text before it gives up, unless it is matched without going back.
        var schema = Schema.Text(pattern: "^([a-z]+)+$");
        Assert.NotNull(Validator.FirstError(schema, JsonSerializer.SerializeToElement(new string('a', 100_000) + "!")));
        Assert.Null(Validator.FirstError(schema, JsonSerializer.SerializeToElement(new string('a', 100_000))));
    }

    [Fact]
    public void Loose_integers_compare_as_numbers() =>
        Assert.Equal("99999 is greater than the maximum of 65535",
            Validator.FirstError(Schema.LooseInteger(1, 65535), JsonSerializer.SerializeToElement("99999"))?.Message);

    [Fact]
    public void A_history_gives_the_schema_of_a_version()
    {
        var history = SchemaHistory.Of(Schema.Object(("a", Schema.Text()), ("b", Schema.Text())).Closed())
            .At("2.19", s => s.Add("description", Schema.Text())).At("2.57", s => s.Remove("b").Require("a"));
        Assert.NotNull(Validator.FirstError(history.For(new(2, 1)), JsonSerializer.SerializeToElement(new { description = "x" })));
        Assert.Null(Validator.FirstError(history.For(new(2, 19)), JsonSerializer.SerializeToElement(new { description = "x", b = "y" })));
        Assert.NotNull(Validator.FirstError(history.For(new(2, 93)), JsonSerializer.SerializeToElement(new { a = "x", b = "y" })));
        Assert.NotNull(Validator.FirstError(history.For(new(2, 57)), JsonSerializer.SerializeToElement(new { })));
    }

    private static Schema Read(JsonElement json)
    {
        var schema = Schema.Any;
        foreach (var keyword in json.EnumerateObject()) schema = schema.Set(keyword.Name, Keyword(keyword.Name, keyword.Value));
        return schema;
    }

    private static object Keyword(string name, JsonElement value) => name switch
    {
        "properties" or "patternProperties" => new SchemaMap(value.EnumerateObject().Select(p => new KeyValuePair<string, Schema>(p.Name, Read(p.Value)))),
        "oneOf" or "anyOf" or "allOf" => value.EnumerateArray().Select(Read).ToArray(),
        "items" or "not" => Read(value),
        "type" or "required" when value.ValueKind == JsonValueKind.Array => value.EnumerateArray().Select(v => v.GetString()!).ToArray(),
        "enum" => value.EnumerateArray().Select(Plain).ToArray(),
        "minimum" or "maximum" => value.GetInt64(),
        _ => Plain(value),
    };

    private static object Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => Schema.None,
        _ => value.GetInt32(),
    };
}
