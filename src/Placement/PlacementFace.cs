using System.Text.RegularExpressions;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Api.Views;

namespace Nephos.Placement;

/// <summary>How placement refuses: <c>{"errors": [{"status", "title", "detail", "code", "request_id"}]}</c>, the code from 1.23 on.</summary>
internal sealed partial class PlacementFace : ServiceFace
{
    private const string BadVersionName = "BadVersion";

    private sealed record ErrorView(int Status, string Title, string Detail, [property: OmitNull] string? Code, string RequestId,
        [property: OmitNull] string? MaxVersion, [property: OmitNull] string? MinVersion);

    public override ErrorBody Render(Fault fault, Call call)
    {
        var (status, versions) = ((int)fault.Kind, fault.Name == BadVersionName ? call.Api.Versions : null);
        var code = versions is null && call.At("1.23") ? fault.Name.StartsWith("placement.", StringComparison.Ordinal) ? fault.Name : Errors.NoCode : null;
        return ErrorBody.Json(status, new
        {
            errors = new[] { new ErrorView(status, TitleOf(status), Detail(call, status, fault.Message), code, call.RequestId, versions?.Maximum.ToString(), versions?.Minimum.ToString()) },
        });
    }

    public override Fault UnknownPath(Call call) => Errors.NotFound("");

    public override Fault UnknownMethod(Call call, IReadOnlyCollection<string> allowed) => NoMethod();

    // Deleting all inventories is a method that the path got later; elsewhere the whole path is newer.
    public override Fault NotInVersion(Call call) => call.Method == "DELETE" && call.Path.EndsWith("/inventories", StringComparison.Ordinal) ? NoMethod() : Errors.NotFound("");

    public override Fault BadVersion(Call call, string asked, VersionRange range) => Microversion.TryParse(asked, out _)
        ? new Fault(FaultKind.NotAcceptable, BadVersionName, $"Unacceptable version header: {asked}")
        : Fault.Invalid($"invalid version string: {asked}", BadVersionName);

    public override Fault MalformedBody(Call call, string why) => call.BodyType == "application/json" ? Errors.Invalid($"Malformed JSON: {why}")
        : new Fault(FaultKind.UnsupportedMediaType, Errors.NoCode, $"The media type {(call.BodyType.Length == 0 ? "None" : call.BodyType)} is not supported, use application/json");

    public override Fault InvalidBody(Call call, SchemaError error) => Errors.Invalid($"JSON does not validate: {error.Verbose()}");

    public override Fault InvalidQuery(Call call, SchemaError error) => Errors.Invalid($"Invalid query string parameters: {error.Verbose()}");

    public override Fault Refused(Call call, string policy) => Fault.Forbidden($"Policy does not allow {policy} to be performed.", Errors.NoCode);

    private static Fault NoMethod() => new(FaultKind.MethodNotAllowed, Errors.NoCode, "The method specified is not allowed for this resource.");

    /// <summary>WebOb's page with its tags taken out, as upstream sends it.</summary>
    private static string Detail(Call call, int status, string message) =>
        Tags().Replace($"{Explanation(call, status)}\n\n {message.Replace('\n', ' ').Replace("\r", "", StringComparison.Ordinal)}  ", "");

    private static string Explanation(Call call, int status) => status switch
    {
        400 => "The server could not comply with the request since it is either malformed or otherwise incorrect.",
        403 => "Access was denied to this resource.",
        404 => "The resource could not be found.",
        405 => $"The method {call.Method} is not allowed for this resource. ",
        406 => $"The resource could not be generated that was acceptable to your browser (content of type {call.Header("Accept")}. ",
        409 => "There was a conflict when trying to complete your request.",
        413 => "The body of your request was too large for this server.",
        415 => $"The request media type {call.BodyType} is not supported by this server. ",
        503 => "The server is currently unavailable. Please try again at a later time.",
        _ => "The server has either erred or is incapable of performing the requested operation.",
    };

    private static string TitleOf(int status) => status switch
    {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();
}
