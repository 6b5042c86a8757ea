using System.Globalization;
using System.Net;
using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Image;

/// <summary>
/// How glance refuses: WebOb's page in HTML, or its JSON where the client prefers that. An unknown first segment of the path gets the
/// list of versions.
/// </summary>
internal sealed class ImageFace : ServiceFace
{
    private const string Choices = "MultipleChoices";

    public override ErrorBody Render(Fault fault, Call call)
    {
        if (fault.Name == Choices) return new ErrorBody(300, "application/json", JsonSerializer.Serialize(Versions.VersionList.Of(call)));
        var (status, title) = ((int)fault.Kind, TitleOf((int)fault.Kind));
        return Prefers(call.Header("Accept"), "application/json", "text/html")
            ? ErrorBody.Json(status, new { message = $"{fault.Message}<br /><br />\n\n\n", code = $"{status} {title}", title })
            : ErrorBody.WebObHtml(status, title, WebUtility.HtmlEncode(fault.Message));
    }

    public override ErrorBody Unauthenticated(Call call) => ErrorBody.WebObHtml(401, "Unauthorized",
        "This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials " +
        "(e.g., bad password), or your browser does not understand how to supply the credentials required.") with
    {
        Headers = [new("WWW-Authenticate", $"Keystone uri=\"{call.Urls.Of("identity")}\"")],
    };

    public override Fault UnknownPath(Call call) => call.Path.StartsWith("/v2", StringComparison.Ordinal) ? Errors.NothingHere() : Fault.NotFound("", Choices);

    public override Fault UnknownMethod(Call call, IReadOnlyCollection<string> allowed) =>
        new(FaultKind.MethodNotAllowed, "HTTPMethodNotAllowed", $"The method {call.Method} is not allowed for this resource.");

    public override Fault MalformedBody(Call call, string why) =>
        Fault.Invalid(why == "The body is empty." ? "Body expected in request." : "Malformed JSON in request body.");

    public override Fault InvalidBody(Call call, SchemaError error) => Errors.BadSchema(SchemaName(call), error.Verbose());

    public override Fault Refused(Call call, string policy) => policy == "add_image" && OtherOwner(call) is { } owner
        ? Errors.NotYourOwner(owner) : Errors.NotAuthorized(policy);

    private static string SchemaName(Call call) => call.Path.Split('/') switch
    {
        [_, _, "tasks", ..] => "task",
        [_, _, "images", _, "locations"] => "location",
        [_, _, "metadefs", _] or [_, _, "metadefs", _, _] => "namespace",
        [_, _, "metadefs", _, _, "properties", ..] => "property",
        [_, _, "metadefs", _, _, "resource_types", ..] => "resource_type_association",
        [_, _, "metadefs", _, _, "tags"] => "tags",
        [_, _, "metadefs", _, _, "tags", ..] => "tag",
        [_, _, "metadefs", ..] => "object",
        _ => "image",
    };

    private static string? OtherOwner(Call call) =>
        call.Json.ValueKind == JsonValueKind.Object && call.Json.TryGetProperty("owner", out var owner) && owner.ValueKind == JsonValueKind.String
        && owner.GetString() != call.Caller.ProjectId ? owner.GetString() : null;

    /// <summary>True if the Accept header likes <paramref name="asked"/> more than <paramref name="usual"/>; equal means the usual one.</summary>
    internal static bool Prefers(string? accept, string asked, string usual) => Quality(accept, asked) > Quality(accept, usual);

    private static double Quality(string? accept, string type)
    {
        if (string.IsNullOrEmpty(accept)) return 1;
        var best = (Precision: 0, Quality: 0.0);
        foreach (var part in accept.Split(','))
        {
            var pieces = part.Split(';', StringSplitOptions.TrimEntries);
            var precision = pieces[0] == type ? 3 : pieces[0] == type[..type.IndexOf('/', StringComparison.Ordinal)] + "/*" ? 2 : pieces[0] == "*/*" ? 1 : 0;
            if (precision <= best.Precision) continue;
            var q = pieces.Skip(1).FirstOrDefault(p => p.StartsWith("q=", StringComparison.Ordinal));
            best = (precision, q is not null && double.TryParse(q[2..], NumberStyles.Float, CultureInfo.InvariantCulture, out var quality) ? quality : 1);
        }
        return best.Quality;
    }

    private static string TitleOf(int status) => status switch
    {
        300 => "Multiple Choices",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
}
