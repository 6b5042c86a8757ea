using Microsoft.AspNetCore.Http;
using Nephos.Contracts;
using Nephos.Link;

namespace Nephos.Operators;

/// <summary>What an operator's command changes, in the words of the audit.</summary>
/// <param name="Service">The service it belongs to.</param>
/// <param name="ServiceKind">What that service is.</param>
/// <param name="Action">What is done.</param>
/// <param name="TargetKind">To what.</param>
sealed record OperatorChange(string Service, string ServiceKind, string Action, string TargetKind)
{
    public static OperatorChange RotateKeys { get; } = new("identity", "service/security", "update/rotate", "data/security/key");
    public static OperatorChange RemoveOrphan { get; } = new("compute", "service/compute", "delete", "service/compute/orphans");
}

/// <summary>Tells the audit of what operators change over the unix socket, where no token says who they are but the kernel does.</summary>
sealed class OperatorAudit(IAuditTrail trail, TimeProvider time)
{
    const string Here = "localhost";

    /// <summary>Does it, and keeps what came of it before the answer leaves.</summary>
    /// <param name="change">What it is.</param>
    /// <param name="act">Does it and returns what to answer as JSON, or null for nothing.</param>
    /// <param name="target">To which thing; null if there is only one.</param>
    public RequestDelegate Of(OperatorChange change, Func<HttpContext, Task<object?>> act, Func<HttpContext, string>? target = null) => async http =>
    {
        object? answer;
        try
        {
            answer = await act(http);
            http.Response.StatusCode = answer is null ? StatusCodes.Status204NoContent : StatusCodes.Status200OK;
        }
        catch (Exception e)
        {
            http.Response.StatusCode = (int)((e as Fault)?.Kind ?? FaultKind.Internal);
            await trail.Record(Event(http, change, target?.Invoke(http)));
            if (e is not Fault) throw;
            await http.Response.WriteAsync(e.Message, http.RequestAborted);
            return;
        }
        await trail.Record(Event(http, change, target?.Invoke(http)));
        if (answer is not null) await http.Response.WriteAsJsonAsync(answer, answer.GetType(), LinkJson.Options, http.RequestAborted);
    };

    AuditEvent Event(HttpContext http, OperatorChange change, string? target)
    {
        var (id, name) = LocalUser.Of(http);
        return new()
        {
            Id = NewId.Ordered(), At = time.GetUtcNow(), Service = change.Service, ServiceKind = change.ServiceKind, Action = change.Action, Status = http.Response.StatusCode,
            TargetKind = change.TargetKind, TargetId = target, Path = http.Request.Path, UserId = id, UserName = name, Address = Here, RequestId = NewId.Request(),
        };
    }
}
