using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Identity;

/// <summary>Errors as keystone writes them.</summary>
internal sealed class KeystoneFace : ServiceFace
{
    private const string NoSuchPage = """
        <!doctype html>
        <html lang=en>
        <title>404 Not Found</title>
        <h1>Not Found</h1>
        <p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>

        """;

    public override ErrorBody Render(Fault fault, Call call)
    {
        var code = (int)fault.Kind;
        switch (fault.Name)
        {
            case "NoSuchPage": return new(404, "text/html; charset=utf-8", NoSuchPage);
            case "HTTPMethodNotAllowed": return ErrorBody.Json(405, new { message = "The method is not allowed for the requested URL." });
        }
        var body = ErrorBody.Json(code, new { error = new { code, message = fault.Message, title = Title(fault.Kind) } });
        return fault.Kind == FaultKind.Unauthenticated ? body with { Headers = Unauthenticated(call).Headers } : body;
    }

    public override Fault UnknownPath(Call call) => Fault.NotFound("The requested URL was not found on the server.", "NoSuchPage");

    public override Fault MalformedBody(Call call, string why) => Fault.Invalid(
        "Expecting to find valid JSON in request body. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.");

    // keystone checks the thing inside its envelope ("user"), so neither path has the envelope.
    public override Fault InvalidBody(Call call, SchemaError error)
    {
        var bare = error.Path.Count == 0 ? error : error with { Path = [.. error.Path.Skip(1)], SchemaPath = [.. error.SchemaPath.Skip(2)] };
        return Fault.Invalid(bare.Path.Count == 0 ? bare.Verbose() : $"Invalid input for field '{string.Join('/', bare.Path)}': {bare.Verbose()}");
    }

    public override Fault Refused(Call call, string policy) => Errors.ForbiddenAction(policy);

    private static string Title(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => "Bad Request",
        FaultKind.NotFound => "Not Found",
        FaultKind.TooLarge => "Request Entity Too Large",
        FaultKind.NotImplemented => "Not Implemented",
        FaultKind.Unavailable => "Service Unavailable",
        FaultKind.Internal => "Internal Server Error",
        FaultKind.UnsupportedMediaType => "Unsupported Media Type",
        FaultKind.Unauthenticated => "Unauthorized",
        _ => kind.ToString(),
    };
}
