using System.Text.Json.Nodes;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Tasks;

/// <summary>The document <c>/v2/schemas/task</c>.</summary>
internal static class TaskSchemas
{
    private static readonly Schema Properties = Schema.Object(
        ("id", Schema.Any.Set("description", "An identifier for the task")
            .Set("pattern", "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$").Set("type", "string")),
        ("type", Schema.Any.Set("description", "The type of task represented by this content").Set("enum", new object[] { "import", "api_image_import" }).Set("type", "string")),
        ("status", Schema.Any.Set("description", "The current status of this task").Set("enum", new object[] { "pending", "processing", "success", "failure" }).Set("type", "string")),
        ("input", Schema.Any.Set("description", "The parameters required by task, JSON blob").Set("type", new[] { "null", "object" })),
        ("result", Schema.Any.Set("description", "The result of current task, JSON blob").Set("type", new[] { "null", "object" })),
        ("owner", Text("An identifier for the owner of this task")),
        ("message", Text("Human-readable informative message only included when appropriate (usually on failure)")),
        ("image_id", Text("Image associated with the task")),
        ("request_id", Text("Human-readable informative request-id")),
        ("user_id", Text("User associated with the task")),
        ("expires_at", Schema.Any.Set("description", "Datetime when this resource would be subject to removal").Set("type", new[] { "null", "string" })),
        ("created_at", Text("Datetime when this resource was created")),
        ("updated_at", Text("Datetime when this resource was updated")),
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
