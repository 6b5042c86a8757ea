using System.Text.Json.Nodes;
using Nephos.Image.Schemas;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Metadefs;

/// <summary>Schemas of definitions, for bodies and for <c>/v2/schemas/metadefs/*</c>.</summary>
internal static class MetadefSchemas
{
    private static readonly Schema Text = Schema.Of("string");
    private static readonly Schema Count = Schema.Integer(0);
    private static readonly Schema Texts = Schema.Of("array").Set("items", Text).Set("uniqueItems", true);
    private static readonly Schema Kinds = Schema.Of("string").Set("enum", new object[] { "array", "boolean", "integer", "number", "object", "string", Schema.None });

    private static readonly Schema OneProperty = Schema.Object(
        ("name", Schema.Text(max: 80)), ("title", Text), ("description", Text), ("operators", Schema.List(Text)), ("type", Kinds), ("required", Texts),
        ("minimum", Schema.Of("number")), ("maximum", Schema.Of("number")), ("maxLength", Count), ("minLength", Count), ("pattern", Text.Set("format", "regex")),
        ("enum", Schema.Of("array")), ("readonly", Schema.Bool), ("default", Schema.Any), ("items", Schema.Object(("type", Kinds), ("enum", Schema.Of("array")))),
        ("maxItems", Count), ("minItems", Count), ("uniqueItems", Schema.Bool), ("additionalItems", Schema.Bool)).Require("title", "type");

    private static readonly Schema Properties = Schema.Of("object").Others(OneProperty);
    private static readonly Schema Time = Schema.Of("string").Set("readOnly", true).Set("format", "date-time");
    private static readonly Schema Shown = Schema.Of("string").Set("readOnly", true);

    private static readonly Schema Namespace = Schema.Object(
        ("namespace", Schema.Text(max: 80).Set("description", "The unique namespace text.")), ("display_name", Schema.Text(max: 80)), ("description", Schema.Text(max: 500)),
        ("visibility", Text.Set("enum", new object[] { "public", "private" })), ("protected", Schema.Bool), ("owner", Schema.Text(max: 255)),
        ("created_at", Time), ("updated_at", Time), ("schema", Shown), ("self", Shown),
        ("resource_type_associations", Schema.List(Schema.Object(("name", Text), ("prefix", Text), ("properties_target", Text)).Require("name"))),
        ("properties", Properties),
        ("objects", Schema.List(Schema.Object(("name", Text), ("description", Text), ("required", Texts), ("properties", Properties)).Require("name"))),
        ("tags", Schema.List(Schema.Object(("name", Text)).Require("name")))).Closed().Require("namespace");

    private static readonly Schema Object = Schema.Object(
        ("name", Schema.Text(max: 80)), ("description", Text), ("required", Texts), ("properties", Properties), ("schema", Shown), ("self", Shown),
        ("created_at", Time), ("updated_at", Time)).Closed().Require("name");

    private static readonly Schema Property = OneProperty.Closed().Require("type", "title", "name");
    private static readonly Schema Tag = Schema.Object(("name", Schema.Text(max: 80)), ("created_at", Time), ("updated_at", Time)).Closed().Require("name");
    private static readonly Schema ResourceType = Schema.Object(
        ("name", Schema.Text(max: 80)), ("prefix", Schema.Text(max: 80)), ("properties_target", Schema.Text(max: 80)), ("created_at", Time), ("updated_at", Time)).Closed().Require("name");

    public static SchemaHistory OfNamespace { get; } = SchemaHistory.Of(Namespace);
    public static SchemaHistory OfObject { get; } = SchemaHistory.Of(Object);
    public static SchemaHistory OfProperty { get; } = SchemaHistory.Of(Property);
    public static SchemaHistory OfTag { get; } = SchemaHistory.Of(Tag);
    public static SchemaHistory OfTags { get; } = SchemaHistory.Of(Schema.Object(("tags", Schema.List(Schema.Object(("name", Text)).Closed().Require("name")))).Closed().Require("tags"));
    public static SchemaHistory OfResourceType { get; } = SchemaHistory.Of(ResourceType);

    /// <summary>The documents by the last part of their path.</summary>
    public static IEnumerable<(string Path, Func<JsonObject> Document)> Documents =>
    [
        ("namespace", () => Document("namespace", Namespace)), ("namespaces", () => SchemasApi.ListOf("namespaces", Document("namespace", Namespace), paged: true)),
        ("object", () => Document("object", Object)), ("objects", () => SchemasApi.ListOf("objects", Document("object", Object), paged: true)),
        ("property", () => Document("property", Property)), ("properties", PropertyList),
        ("resource_type", () => Document("resource_type_association", ResourceType)),
        ("resource_types", () => SchemasApi.ListOf("resource_type_associations", Document("resource_type_association", ResourceType), paged: true)),
        ("tag", () => Document("tag", Tag)), ("tags", () => SchemasApi.ListOf("tags", Document("tag", Tag), paged: true)),
    ];

    private static JsonObject PropertyList()
    {
        var list = SchemasApi.ListOf("properties", Document("property", OneProperty.Closed()), paged: true);
        var item = list["properties"]!["properties"]!["items"]!.DeepClone();
        list["properties"]!["properties"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = item };
        return list;
    }

    private static JsonObject Document(string name, Schema schema)
    {
        var json = schema.ToJson();
        return new JsonObject
        {
            ["name"] = name, ["properties"] = json["properties"]!.DeepClone(), ["additionalProperties"] = false, ["required"] = json["required"]!.DeepClone(),
        };
    }
}
