using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Nephos.Kernel.Api;

/// <summary>
/// The front door: decides by the listener (classic port) or the first segment of the path (shared port) which service is asked,
/// from the raw target, so that dot segments and encoded slashes arrive as sent.
/// </summary>
public sealed class Gateway
{
    private readonly Dictionary<string, ServiceApi> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RequestDelegate> _plain = new(StringComparer.Ordinal);
    private readonly Pipeline _pipeline;
    private readonly ApiOptions _options;

    internal Gateway(Pipeline pipeline, ApiOptions options) => (_pipeline, _options) = (pipeline, options);

    /// <summary>The services mounted.</summary>
    public IReadOnlyCollection<ServiceApi> Services => _byType.Values;

    /// <summary>One of them by its type.</summary>
    public ServiceApi this[string type] => _byType[type];

    /// <summary>Mounts a service; its routes are complete and its rules get read now.</summary>
    public void Mount(ServiceApi api)
    {
        api.Close(_options.PolicyFolder is null ? null : Path.Combine(_options.PolicyFolder, api.Type + ".yaml"), _options.LegacyRules?.Invoke(api.Type));
        _byType.Add(api.Type, api);
    }

    /// <summary>A path outside the services, on the shared port only: <c>/healthz</c>, <c>/metrics</c>, <c>/</c>.</summary>
    public void Plain(string path, RequestDelegate handler) => _plain.Add(path, handler);

    /// <summary>Answers any request.</summary>
    public async Task Handle(HttpContext http)
    {
        if (Cors(http)) return;
        var raw = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var (path, query) = Split(raw);
        if (_options.ClassicPorts.TryGetValue(http.Connection.LocalPort, out var type) && _byType.TryGetValue(type, out var classic))
        {
            await Serve(http, classic, type, path, query);
            return;
        }
        var slash = path.IndexOf('/', 1);
        var first = slash < 0 ? path[1..] : path[1..slash];
        if (_byType.TryGetValue(first, out var api)) await Serve(http, api, null, slash < 0 ? "/" : path[slash..], query);
        else if (_plain.TryGetValue(path, out var plain)) await plain(http);
        else http.Response.StatusCode = 404;
    }

    private Task Serve(HttpContext http, ServiceApi api, string? classicType, string path, string query)
    {
        if (api.JsonSuffix && path.EndsWith(".json", StringComparison.Ordinal)) path = path[..^5];
        var segments = path.Split('/');
        // Doubled slashes and one at the end mean nothing to upstream's routers; inside an object's name they would.
        string[] clean = [.. segments.Where(s => s.Length > 0).Select(QueryArgs.Unescape), .. api.EndSlash != EndSlash.Ignored && path.Length > 1 && path.EndsWith('/') ? [""] : Array.Empty<string>()];
        return _pipeline.Run(new Call(http, api, _options, classicType, clean, query));
    }

    private static (string Path, string Query) Split(string raw)
    {
        // Absolute form ("GET http://host/path") is legal and rare.
        if (raw.Length == 0 || raw[0] != '/') raw = Uri.TryCreate(raw, UriKind.Absolute, out var uri) ? uri.PathAndQuery : "/";
        var question = raw.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (raw, "") : (raw[..question], raw[(question + 1)..]);
    }

    /// <summary>Cross-origin headers for allowed origins; true when the request was a preflight and is answered.</summary>
    private bool Cors(HttpContext http)
    {
        var request = http.Request;
        if (_options.AllowedOrigins.Count == 0 || request.Headers.Origin.ToString() is not { Length: > 0 } origin) return false;
        if (!_options.AllowedOrigins.Contains("*") && !_options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)) return false;
        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.Append("Vary", "Origin");
        headers.AccessControlExposeHeaders = "X-Auth-Token, X-Subject-Token, X-Service-Token, X-Openstack-Request-Id, OpenStack-API-Version, Location";
        if (!HttpMethods.IsOptions(request.Method) || request.Headers.AccessControlRequestMethod.Count == 0) return false;
        headers.AccessControlAllowMethods = "GET, PUT, POST, DELETE, PATCH, HEAD";
        headers.AccessControlAllowHeaders = request.Headers.AccessControlRequestHeaders.ToString() is { Length: > 0 } asked ? asked : "X-Auth-Token, Content-Type";
        headers.AccessControlMaxAge = "3600";
        http.Response.StatusCode = 200;
        return true;
    }
}
