using Nephos.Kernel.Policy;

namespace Nephos.Kernel.Api;

/// <summary>In which order a service checks a request. Tests can see the difference, and each upstream service has its own.</summary>
public enum CheckOrder
{
    /// <summary>Compute, block storage, image: body, thing, rule.</summary>
    BodyLoadPolicy,
    /// <summary>Identity: thing (absent is tolerated), rule (403 before 404), then 404, then body.</summary>
    LoadPolicyBody,
    /// <summary>Placement: rule, body, thing.</summary>
    PolicyBodyLoad,
    /// <summary>Network: the handler checks in its own order (body, ownership, quota, rule); the pipeline only authenticates.</summary>
    Handler,
}

/// <summary>One service's API: where it lives, how it answers, and its routes.</summary>
public sealed class ServiceApi
{
    private readonly List<Route> _routes = [];

    /// <summary>Service type, <c>compute</c>; also the path prefix on the shared port.</summary>
    public required string Type { get; init; }
    /// <summary>The ports clients know from upstream (8774); a listener there serves this API without prefix.</summary>
    public required IReadOnlyList<int> ClassicPorts { get; init; }
    /// <summary>Error bodies and the answers to unknown things.</summary>
    public required ServiceFace Face { get; init; }
    /// <summary>Order of checks.</summary>
    public required CheckOrder Order { get; init; }
    /// <summary>Microversions, or null for a service without.</summary>
    public VersionRange? Versions { get; init; }
    /// <summary>Paths (first segment) on which microversions count; version documents stay outside.</summary>
    public Func<string, bool> IsVersioned { get; init; } = _ => true;
    /// <summary>True: GET routes answer HEAD (identity).</summary>
    public bool HeadAsGet { get; init; }
    /// <summary>True: a path may end in <c>.json</c> (network).</summary>
    public bool JsonSuffix { get; init; }
    /// <summary>What a slash at the end of a path means.</summary>
    public EndSlash EndSlash { get; init; }
    /// <summary>A second header with the request id (<c>x-compute-request-id</c>), or null.</summary>
    public string? RequestIdHeader { get; init; }
    /// <summary>Format of times in answers.</summary>
    public TimeStyle Times { get; init; } = TimeStyle.Seconds;
    /// <summary>Scopes of tokens that this service's rules are for unless they say otherwise; null for any.</summary>
    public IReadOnlyList<string>? Scopes { get => Policies.UsualScopes; init => Policies.UsualScopes = value; }
    /// <summary>Content type of JSON answers.</summary>
    public string JsonType { get; init; } = "application/json";

    /// <summary>Callers that no other service knows, by their tokens; null for a token that is none of theirs.</summary>
    public Func<string, Contracts.Caller?>? OwnCaller { get; init; }
    /// <summary>The parts of a path as logs may show them, for a service that has secrets in its paths.</summary>
    public Func<IReadOnlyList<string>, IReadOnlyList<string>> SegmentsInLogs { get; init; } = segments => segments;
    /// <summary>What the service is in the audit's terms; <c>service/</c> and its type if it does not say.</summary>
    public string AuditKind { get => field ?? "service/" + Type; init; }
    /// <summary>What the audit calls things by the words of their paths, where that is not <see cref="AuditKind"/> and these words.</summary>
    public IReadOnlyDictionary<string, string> AuditKinds { get; init; } = new Dictionary<string, string>();

    /// <summary>This service's rules.</summary>
    public PolicyRegistry Policies { get; } = new();
    /// <summary>Every route declared.</summary>
    public IReadOnlyList<Route> Routes => _routes;
    internal RouteTable Table { get; } = new();

    /// <summary>Routes under a path.</summary>
    public RouteGroup Group(string prefix) => new(this, prefix);

    /// <summary>Declares a rule that others refer to (<c>context_is_admin</c>).</summary>
    public void SharedRule(string name, string text, string description) => Policies.Declare(name, text, description);

    /// <summary>A path as logs may show it.</summary>
    internal string PathInLogs(IReadOnlyList<string> segments) => "/" + string.Join('/', SegmentsInLogs(segments));

    /// <summary>What the audit calls the thing at these words: what the longest beginning of them that has a name is called, and the rest.</summary>
    internal string KindOf(IEnumerable<string> words)
    {
        var all = words.ToArray();
        for (var known = all.Length; known > 0; known--)
            if (AuditKinds.TryGetValue(string.Join('/', all[..known]), out var kind)) return string.Join('/', [kind, .. all[known..]]);
        return string.Join('/', [AuditKind, .. all]);
    }

    internal Route Add(Route route)
    {
        _routes.Add(route);
        Table.Add(route, EndSlash is EndSlash.OtherPath);
        return route;
    }

    /// <summary>Refuses routes that nobody guards, then reads the operator's rules.</summary>
    public void Close(string? policyFile, IReadOnlyDictionary<string, string>? legacyRules = null)
    {
        foreach (var route in _routes)
            if (route.PolicyName is null && route.PublicReason is null)
                throw new InvalidOperationException($"{Type}: {route.Method} {route.Pattern} {route.ActionName} has neither a policy nor a reason to be public.");
        Policies.Load(policyFile, legacyRules);
    }
}

/// <summary>What a slash at the end of a path means.</summary>
public enum EndSlash
{
    /// <summary>Nothing.</summary>
    Ignored,
    /// <summary>A thing whose id is empty, which is not found (image).</summary>
    EmptyId,
    /// <summary>Another path, unknown unless a route is declared with it (compute).</summary>
    OtherPath,
}

/// <summary>How times look in a service's answers; all are UTC.</summary>
public enum TimeStyle
{
    /// <summary><c>2026-11-20T11:02:33Z</c> (nova, neutron, glance).</summary>
    Seconds,
    /// <summary><c>2026-11-20T11:02:33.000000Z</c> (keystone).</summary>
    Microseconds,
}
