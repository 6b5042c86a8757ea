using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;

namespace Nephos.Compute;

/// <summary>How nova refuses: <c>{"itemNotFound": {"code": 404, "message": ..}}</c>, and an HTML page for a path or method it does not have.</summary>
internal sealed class NovaFace : ServiceFace
{
    private const string NoRoute = "NoRoute";

    public override ErrorBody Render(Fault fault, Call call)
    {
        if (fault.Name == NoRoute) return ErrorBody.WebObHtml(404, "Not Found", "The resource could not be found.");
        var code = (int)fault.Kind;
        return ErrorBody.Json(code, new Dictionary<string, object> { [NameOf(code)] = new { code, message = fault.Message } });
    }

    public override Fault UnknownPath(Call call) => Fault.NotFound("", NoRoute);
    public override Fault UnknownMethod(Call call, IReadOnlyCollection<string> allowed) => Fault.NotFound("", NoRoute);
    public override Fault NotInVersion(Call call) => Fault.NotFound($"API version {call.Version} is not supported on this method.");

    public override Fault InvalidBody(Call call, SchemaError error) =>
        Types.Explain(error) is { } sentence ? Fault.Invalid(sentence) : base.InvalidBody(call, error);

    private static string NameOf(int code) => code switch
    {
        400 => "badRequest",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "itemNotFound",
        405 => "badMethod",
        409 => "conflictingRequest",
        413 or 429 => "overLimit",
        415 => "badMediaType",
        501 => "notImplemented",
        503 => "serviceUnavailable",
        _ => "computeFault",
    };
}
