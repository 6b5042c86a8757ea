using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Nephos.Contracts.Link;

namespace Nephos.Node.Metadata;

/// <summary>
/// Hands a guest's request on to the controllers with the namespace and source address it came from. Nothing a guest writes into headers
/// is believed or passed on.
/// </summary>
internal sealed class MetadataProxy(INodeLink link)
{
    private const int BodyLimit = 8192;

    public async Task Handle(HttpContext http)
    {
        var place = http.Features.Get<INamespaceFeature>();
        var source = http.Connection.RemoteIpAddress;
        if (place is null || source is null) { http.Response.StatusCode = 404; return; }
        if (source.IsIPv4MappedToIPv6) source = source.MapToIPv4();
        var body = await Body(http);
        if (body is null) { http.Response.StatusCode = 413; return; }
        var reply = await link.Metadata(new MetadataRequest(place.Network, place.Router, Plain(source), http.Request.Method,
            http.Features.Get<IHttpRequestFeature>()!.RawTarget, body.Length == 0 ? null : body), http.RequestAborted);
        http.Response.StatusCode = reply.Status;
        http.Response.ContentType = reply.ContentType;
        http.Response.ContentLength = reply.Body.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(reply.Body, http.RequestAborted);
    }

    private static string Plain(IPAddress address) => address.ToString().Split('%')[0];

    private static async Task<byte[]?> Body(HttpContext http)
    {
        if (http.Request.ContentLength is > BodyLimit) return null;
        using var body = new MemoryStream();
        var part = new byte[1024];
        for (int read; (read = await http.Request.Body.ReadAsync(part, http.RequestAborted)) > 0;)
        {
            if (body.Length + read > BodyLimit) return null;
            body.Write(part, 0, read);
        }
        return body.ToArray();
    }
}
