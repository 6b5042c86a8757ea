using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Nephos.Contracts;
using Nephos.Contracts.Link;

namespace Nephos.Link;

/// <summary>The controller's side of the node link. Served on the unix socket only, whose folder only root and the controller enter.</summary>
static class LinkEndpoints
{
    public static void MapLink(this IEndpointRouteBuilder routes, INodeLink link)
    {
        Call<NodeHello>(routes, "join", async (_, hello, ct) => await link.Join(hello, ct));
        Call<LinkJson.WatchCall>(routes, "{node:guid}/watch", async (node, call, ct) => await link.Watch(node, call.After, ct));
        Call<JsonElement>(routes, "{node:guid}/inventory", async (node, _, ct) => await link.Inventory(node, ct));
        Call<List<Observed>>(routes, "{node:guid}/report", async (node, seen, ct) => { await link.Report(node, seen, ct); return null; });
        Call<JsonElement>(routes, "{node:guid}/question", async (node, _, ct) => await link.NextQuestion(node, ct));
        Call<NodeAnswer>(routes, "{node:guid}/answer", async (node, answer, ct) => { await link.Answer(node, answer, ct); return null; });
        Call<MetadataRequest>(routes, "metadata", async (_, request, ct) => await link.Metadata(request, ct));
        routes.MapGet("/link/images/{image:guid}", (RequestDelegate)(context => Guarded(context, async () =>
        {
            await using var data = await link.OpenImage(Id(context, "image"), context.RequestAborted);
            if (data is FileStream file && context.Request.Query.ContainsKey(LinkJson.ByPath))
            {
                context.Response.Headers[LinkJson.PathHeader] = Uri.EscapeDataString(file.Name);
                return;
            }
            context.Response.ContentType = "application/octet-stream";
            await data.CopyToAsync(context.Response.Body, 1 << 20, context.RequestAborted);
        })));
        routes.MapPut("/link/images/{image:guid}", (RequestDelegate)(context => Guarded(context, () =>
            link.PutImage(Id(context, "image"), context.Request.Body, context.RequestAborted))));
    }

    static void Call<T>(IEndpointRouteBuilder routes, string path, Func<Guid, T, CancellationToken, Task<object?>> act) =>
        routes.MapPost("/link/" + path, (RequestDelegate)(context => Guarded(context, async () =>
        {
            var argument = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, LinkJson.Options, context.RequestAborted);
            var result = await act(Id(context, "node"), argument!, context.RequestAborted);
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, result, LinkJson.Options, context.RequestAborted);
        })));

    static async Task Guarded(HttpContext context, Func<Task> act)
    {
        try { await act(); }
        catch (Fault fault) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = (int)fault.Kind;
            await context.Response.WriteAsJsonAsync(new LinkJson.WireFault(fault.Kind, fault.Name, fault.Message), LinkJson.Options);
        }
    }

    static Guid Id(HttpContext context, string name) => context.Request.RouteValues[name] is string text ? Guid.Parse(text) : Guid.Empty;
}
