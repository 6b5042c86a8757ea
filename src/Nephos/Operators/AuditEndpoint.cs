using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Audit;

namespace Nephos.Operators;

/// <summary>The audit for the operator's command, a CADF event on each line; on the unix socket only.</summary>
static class AuditEndpoint
{
    public static void MapAudit(this IEndpointRouteBuilder routes, IAuditTrail trail) => routes.MapGet("/operators/audit", (RequestDelegate)(async http =>
    {
        try
        {
            var asked = AuditFilters.Read(new QueryArgs((http.Request.QueryString.Value ?? "").TrimStart('?')), int.MaxValue);
            await foreach (var e in trail.Every(asked, http.RequestAborted))
                await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(CadfEvent.Line(e) + "\n"), http.RequestAborted);
        }
        catch (Fault fault) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = (int)fault.Kind;
            await http.Response.WriteAsync(fault.Message, http.RequestAborted);
        }
    }));
}
