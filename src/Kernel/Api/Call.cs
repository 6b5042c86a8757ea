using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Nephos.Contracts;
using Nephos.Kernel.Api.Views;
using Nephos.Kernel.Audit;
using Nephos.Kernel.Policy;

namespace Nephos.Kernel.Api;

/// <summary>One request on its way through the pipeline, as handlers see it.</summary>
public sealed class Call
{
    private readonly HttpContext _http;
    private readonly Dictionary<string, string> _path = new(StringComparer.Ordinal);
    private Caller? _caller;

    internal Call(HttpContext http, ServiceApi api, ApiOptions options, string? classicType, string[] segments, string query)
    {
        (_http, Api, Segments) = (http, api, segments);
        Urls = new Urls(http, options, classicType);
        Query = new QueryArgs(query);
        RequestId = NewId.Request();
    }

    /// <summary>The service asked.</summary>
    public ServiceApi Api { get; }
    /// <summary>The operation; null while a request for something unknown is refused.</summary>
    public Route? Route { get; internal set; }
    /// <summary><c>req-...</c>, also in the answer's header and in logs.</summary>
    public string RequestId { get; }
    /// <summary>The caller's own request id (<c>X-OpenStack-Request-ID</c>) if it is well-formed, for tracing across services.</summary>
    public string? GlobalRequestId { get; internal set; }
    /// <summary>Who asks. Throws on public routes without a token: use <see cref="MaybeCaller"/> there.</summary>
    public Caller Caller => _caller ?? throw new InvalidOperationException("No token was asked for on this route.");
    /// <summary>Who asks, or null on a public route.</summary>
    public Caller? MaybeCaller { get => _caller; internal set => _caller = value; }
    /// <summary>The version in force; 0.0 for services without.</summary>
    public Microversion Version { get; internal set; }
    /// <summary>The query.</summary>
    public QueryArgs Query { get; }
    /// <summary>The body, checked against the route's schema; undefined without one.</summary>
    public JsonElement Json { get; internal set; }
    /// <summary>Sources of links.</summary>
    public Urls Urls { get; }
    /// <summary>Base of this service's own links.</summary>
    public string ServiceUrl => Urls.Of(Api.Type);
    /// <summary>Ends when the client goes away.</summary>
    public CancellationToken Cancel => _http.RequestAborted;
    /// <summary>HTTP method.</summary>
    public string Method => _http.Request.Method;
    /// <summary>Path below the service, decoded.</summary>
    public string Path => "/" + string.Join('/', Segments);
    /// <summary>Address of the client.</summary>
    public string RemoteAddress => _http.Connection.RemoteIpAddress?.ToString() ?? "";
    /// <summary>Who acts, for the audit, where that is not the owner of the request's token.</summary>
    public Initiator? Initiator { get; set; }
    /// <summary>Ids of what it is done to, for the audit, where neither the path nor the answer says them.</summary>
    public IReadOnlyList<string> TargetIds { get; set; } = [];
    /// <summary>The service that hands on a user's request (<c>X-Service-Token</c>), or null.</summary>
    internal Caller? ServiceCaller { get; set; }
    /// <summary>What the path and the method name, before it is certain that it can be served.</summary>
    internal Route? Asked { get; set; }
    internal Answer? Answer { get; set; }
    internal string[] Segments { get; }
    internal object? Loaded { get; set; }

    /// <summary>A value of the path, decoded.</summary>
    public string this[string name] => _path[name];

    /// <summary>True if the version is this one or later. Rare: prefer schema deltas and versioned fields.</summary>
    public bool At(string version) => Version >= Microversion.Parse(version);

    /// <summary>A request header, or null.</summary>
    public string? Header(string name) => _http.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>The caller's token as sent, in <c>X-Auth-Token</c> or as OAuth 2.0 has it; null without.</summary>
    public string? Token => Header("X-Auth-Token") is { Length: > 0 } token ? token
        : Header("Authorization") is { } bearer && bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? bearer[7..].Trim() : null;

    /// <summary>Reads a member of the body (or the whole body) into a record; names are snake case unless attributes say otherwise.</summary>
    public T Body<T>(string? member = null)
    {
        var json = member is null ? Json : Json.GetProperty(member);
        try { return json.Deserialize<T>(ViewJson.Plain) ?? throw Api.Face.MalformedBody(this, "null"); }
        catch (JsonException e) { throw Api.Face.MalformedBody(this, e.Message); }
    }

    /// <summary>The body's form fields, for raw routes; none for another type of body.</summary>
    public Task<QueryArgs> Form() => FormBody.Read(this);

    /// <summary>The body as a stream, for raw routes.</summary>
    public Stream BodyStream => _http.Request.Body;
    /// <summary>Length of the body if the client said it.</summary>
    public long? BodyLength => _http.Request.ContentLength;
    /// <summary>Media type of the body without parameters.</summary>
    public string BodyType => (_http.Request.ContentType ?? "").Split(';')[0].Trim();

    /// <summary>Starts an answer that the handler writes itself (raw routes); give <see cref="Answer.Written"/> back afterwards.</summary>
    public Stream Respond(int status, string contentType, long? length, params (string Name, string Value)[] headers)
    {
        var response = _http.Response;
        response.StatusCode = status;
        if (contentType.Length > 0) response.ContentType = contentType;
        response.ContentLength = length;
        foreach (var (name, value) in headers) response.Headers[name] = value;
        return response.Body;
    }

    /// <summary>What rules are asked about by default: the caller's own project and user, under the names rules use.</summary>
    public PolicyTarget OwnTarget => PolicyTarget.OfProject(_caller?.ProjectId, _caller?.UserId);

    /// <summary>Whether a rule lets the caller do it; the route must have listed it by <see cref="Route.Also"/>.</summary>
    public bool Can(string policy, PolicyTarget? target = null) => Api.Policies.Allows(policy, Caller, target ?? OwnTarget);

    /// <summary>Throws the service's 403 if the rule does not let the caller do it.</summary>
    public void Authorize(string policy, PolicyTarget? target = null)
    {
        if (!Can(policy, target)) throw Api.Face.Refused(this, policy);
    }

    internal HttpContext Http => _http;

    internal void Bind(Route route)
    {
        Route = route;
        _path.Clear();
        var at = 0;
        foreach (var part in route.Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.StartsWith("{*", StringComparison.Ordinal)) { _path[part[2..^1]] = string.Join('/', Segments[at..]); break; }
            if (part[0] == '{') _path[part[1..^1]] = Segments[at];
            at++;
        }
    }
}
