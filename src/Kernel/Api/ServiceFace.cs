using System.Text.Json;
using Nephos.Contracts;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Kernel.Api;

/// <summary>An error as it goes out.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Body">Text.</param>
public sealed record ErrorBody(int Status, string ContentType, string Body)
{
    /// <summary>A JSON error; the value is written with the service's JSON options (snake case, relaxed escaping).</summary>
    public static ErrorBody Json(int status, object value) =>
        new(status, "application/json", JsonSerializer.Serialize(value, Views.ViewJson.Plain));

    /// <summary>The small HTML page of Python's WebOb, which several services answer unknown paths with.</summary>
    public static ErrorBody WebObHtml(int status, string title, string explanation) => new(status, "text/html; charset=UTF-8",
        $"<html>\n <head>\n  <title>{status} {title}</title>\n </head>\n <body>\n  <h1>{status} {title}</h1>\n  {explanation}<br /><br />\n\n\n\n </body>\n</html>");

    /// <summary>Headers to add.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>How one service's API looks when it refuses: upstream's error bodies and sentences. Each service has one.</summary>
public abstract class ServiceFace
{
    /// <summary>The error body of a fault.</summary>
    public abstract ErrorBody Render(Fault fault, Call call);

    /// <summary>No token, or a bad one. Every service behind the token check answers alike; image and object store differ.</summary>
    public virtual ErrorBody Unauthenticated(Call call) => ErrorBody.Json(401, new
    {
        error = new { code = 401, title = "Unauthorized", message = "The request you have made requires authentication." },
    }) with
    { Headers = [new("WWW-Authenticate", $"Keystone uri=\"{call.Urls.Of("identity")}\"")] };

    /// <summary>A path nobody serves.</summary>
    public virtual Fault UnknownPath(Call call) => Fault.NotFound("The resource could not be found.", "HTTPNotFound");

    /// <summary>A path without this method.</summary>
    public virtual Fault UnknownMethod(Call call, IReadOnlyCollection<string> allowed) => new(FaultKind.MethodNotAllowed, "HTTPMethodNotAllowed", "The method is not allowed for this resource.");

    /// <summary>The operation exists, but not in the version asked for.</summary>
    public virtual Fault NotInVersion(Call call) => Fault.NotFound($"API version '{call.Version}' is not supported on this method.");

    /// <summary>An action nobody knows.</summary>
    public virtual Fault UnknownAction(Call call, string? action) => Fault.Invalid(action is null ? "Malformed request body" : $"There is no such action: {action}");

    /// <summary>A version that is no version, or outside the range.</summary>
    public virtual Fault BadVersion(Call call, string asked, VersionRange range) => Microversion.TryParse(asked, out _)
        ? new Fault(FaultKind.NotAcceptable, "InvalidGlobalAPIVersion", $"Version {asked} is not supported by the API. Minimum is {range.Minimum} and maximum is {range.Maximum}.")
        : Fault.Invalid($"API Version String {asked} is of invalid format. Must be of format MajorNum.MinorNum.", "InvalidAPIVersionString");

    /// <summary>A body that is not JSON, or missing where one is needed.</summary>
    public virtual Fault MalformedBody(Call call, string why) => Fault.Invalid("Malformed request body");

    /// <summary>A body that does not follow the schema.</summary>
    public virtual Fault InvalidBody(Call call, SchemaError error) => Fault.Invalid(error.Path.Count == 0
        ? error.Message : $"Invalid input for field/attribute {error.Path[^1]}. Value: {error.Value}. {error.Message}");

    /// <summary>A query that does not follow the schema.</summary>
    public virtual Fault InvalidQuery(Call call, SchemaError error) => Fault.Invalid(error.Path.Count == 0
        ? error.Message : $"Invalid input for query parameters {error.Path[0]}. Value: {error.Value}. {error.Message}");

    /// <summary>A body larger than 112 KiB.</summary>
    public virtual Fault BodyTooLarge(Call call) => new(FaultKind.TooLarge, "RequestEntityTooLarge", "Request is too large.");

    /// <summary>The rule says no.</summary>
    public virtual Fault Refused(Call call, string policy) => Fault.Forbidden($"Policy doesn't allow {policy} to be performed.", "PolicyNotAuthorized");

    /// <summary>The text of an unexpected failure; only the request id reaches the user.</summary>
    public virtual Fault Unexpected(Call call) => new(FaultKind.Internal, "HTTPInternalServerError",
        $"An unexpected error prevented the server from fulfilling your request. Give the operator this id: {call.RequestId}");
}
