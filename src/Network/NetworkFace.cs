using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Network;

/// <summary>How Network refuses: <c>{"NeutronError": {"type", "message", "detail"}}</c>.</summary>
internal sealed class NetworkFace : ServiceFace
{
    public override ErrorBody Render(Fault fault, Call call) => ErrorBody.Json((int)fault.Kind, new Refusal(new(fault.Name, fault.Message, fault.Detail)));

    public override Fault UnknownPath(Call call) => Errors.UnknownPath();

    public override Fault UnknownMethod(Call call, IReadOnlyCollection<string> allowed) =>
        new(FaultKind.MethodNotAllowed, "HTTPMethodNotAllowed", "The method is not allowed for this resource.");

    public override Fault MalformedBody(Call call, string why) => Errors.BadRequest("Body contains invalid data");

    public override Fault Refused(Call call, string policy) => Errors.NotAllowed("rule:" + policy);

    private sealed record Refusal([property: Named("NeutronError")] Error Error);

    private sealed record Error(string Type, string Message, string Detail);
}
