using System.Text.Json;
using System.Text.Json.Nodes;
using Nephos.Image.Images;
using Nephos.Image.Imports;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image.Tasks;

/// <summary>What a task of the type <c>import</c> is given: a URL, the format of what is there, and the image to be made of it.</summary>
/// <param name="Request">The same as an import by <c>web-download</c>.</param>
/// <param name="Image">The body of the image.</param>
internal sealed record TaskInput(ImportRequest Request, JsonElement Image)
{
    public static TaskInput Read(JsonElement body)
    {
        if (body.GetProperty("type").GetString() != "import") throw Errors.Invalid("Only tasks of the type import can be made here; POST /v2/images/{image_id}/import makes the others.");
        var input = body.GetProperty("input");
        foreach (var name in (string[])["import_from", "import_from_format", "image_properties"])
            if (!input.TryGetProperty(name, out _)) throw Errors.Invalid($"Input does not contain '{name}' field");
        if (input.GetProperty("import_from") is not { ValueKind: JsonValueKind.String } url) throw Errors.Invalid("Invalid location: the field 'import_from' must be a URL.");
        var method = JsonSerializer.SerializeToElement(new { name = "web-download", uri = url.GetString() });
        return new TaskInput(new ImportRequest(method, null, false, true), ImageOf(input));
    }

    private static JsonElement ImageOf(JsonElement input)
    {
        if (JsonNode.Parse(input.GetProperty("image_properties").GetRawText()) is not JsonObject image) throw Errors.Invalid("The field 'image_properties' must be an object.");
        image.TryAdd("disk_format", input.GetProperty("import_from_format") is { ValueKind: JsonValueKind.String } format ? format.GetString() : null);
        image.TryAdd("container_format", "bare");
        var element = JsonSerializer.SerializeToElement(image);
        if (Validator.FirstError(ImageSchemas.Image, element) is { } error) throw Errors.BadSchema("image", error.Verbose());
        if (element.GetProperty("disk_format").ValueKind == JsonValueKind.Null) throw Errors.MissingFormats(["disk_format"]);
        return element;
    }
}
