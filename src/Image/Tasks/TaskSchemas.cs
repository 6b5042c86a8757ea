using System.Text.Json.Nodes;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Tasks;

/// <summary>The document <c>/v2/schemas/task</c>.</summary>
internal static class TaskSchemas
{
    private static readonly Schema Properties = Schema.Object(
        ("id", Schema.Any.Set("description", "The task's id, a UUID.")
            .Set("pattern", "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$").Set("type", "string")),
        ("type", Schema.Any.Set("description", "What the task does.").Set("enum", new object[] { "import", "api_image_import", "location_import" }).Set("type", "string")),
        ("status", Schema.Any.Set("description", "Where the task is in its life.").Set("enum", new object[] { "pending", "processing", "success", "failure" }).Set("type", "string")),
        ("input", Schema.Any.Set("description", "What the task was asked to do.").Set("type", new[] { "null", "object" })),
        ("result", Schema.Any.Set("description", "What came of it.").Set("type", new[] { "null", "object" })),
        ("owner", Text("The project that asked for it.")),
        ("message", Text("What people should know of it, above all why it failed.")),
        ("image_id", Text("The image that it is about.")),
        ("request_id", Text("The request that asked for it.")),
        ("user_id", Text("The user who asked for it.")),
        ("expires_at", Schema.Any.Set("description", "When the task may be forgotten.").Set("type", new[] { "null", "string" })),
        ("created_at", Text("When it was asked for.")),
        ("updated_at", Text("When it last changed.")),
        ("self", Schema.Any.Set("readOnly", true).Set("type", "string")),
        ("schema", Schema.Any.Set("readOnly", true).Set("type", "string")));

    /// <summary>The body of a create.</summary>
    public static SchemaHistory New { get; } = SchemaHistory.Of(Schema.Object(
        ("type", Schema.Of("string").Set("enum", new object[] { "import", "api_image_import" })), ("input", Schema.Of("object"))).Require("type", "input"));

    public static JsonObject Document(bool whole)
    {
        var properties = Properties.ToJson()["properties"]!.DeepClone().AsObject();
        if (!whole) foreach (var name in (string[])["input", "result", "message"]) properties.Remove(name);
        return new JsonObject { ["name"] = "task", ["properties"] = properties };
    }

    private static Schema Text(string description) => Schema.Any.Set("description", description).Set("type", "string");
}
