using System.Net;
using Microsoft.AspNetCore.Http;

namespace Nephos.Kernel.Api;

/// <summary>What the API needs to know of its surroundings.</summary>
public sealed record ApiOptions
{
    /// <summary>Scheme, host, port and path under which clients reach the shared port, without a slash at the end; null: what the request says.</summary>
    public string? PublicUrl { get; init; }
    /// <summary>The shared port; requests on classic ports get links to it for other services.</summary>
    public int SharedPort { get; init; } = 8700;
    /// <summary>Classic ports that are open, and the service type each serves.</summary>
    public IReadOnlyDictionary<int, string> ClassicPorts { get; init; } = new Dictionary<int, string>();
    /// <summary>Proxies whose X-Forwarded headers are believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];
    /// <summary>Folder of operators' policy files (<c>compute.yaml</c> ...), or null.</summary>
    public string? PolicyFolder { get; init; }
    /// <summary>By service type, rules that count beside the defaults; null for none.</summary>
    public Func<string, IReadOnlyDictionary<string, string>>? LegacyRules { get; init; }
    /// <summary>Web origins that may call from a browser; <c>*</c> for all; none by default.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
    /// <summary>True in tests: an undeclared failure status is counted as a bug.</summary>
    public bool Strict { get; init; }
}

/// <summary>The only source of absolute URLs: <see cref="ApiOptions.PublicUrl"/> if set, else what this request was sent to.</summary>
public readonly struct Urls
{
    private readonly string _service;

    internal Urls(HttpContext http, ApiOptions options, string? classicType)
    {
        var request = http.Request;
        var (scheme, host, prefix) = (request.Scheme, request.Host.Value ?? "localhost", "");
        if (options.TrustedProxies.Count > 0 && http.Connection.RemoteIpAddress is { } peer && options.TrustedProxies.Any(p => p.Contains(peer)))
        {
            if (First(request, "X-Forwarded-Proto") is { } proto) scheme = proto;
            if (First(request, "X-Forwarded-Host") is { } forwarded) host = forwarded;
            if (First(request, "X-Forwarded-Prefix") is { } path) prefix = path.TrimEnd('/');
        }
        if (classicType is null)
        {
            Root = options.PublicUrl ?? $"{scheme}://{host}{prefix}";
            _service = "";
            ClassicType = null;
        }
        else
        {
            // The port of a forward is not ours to guess: links to this service keep the host as sent, others go to the shared port.
            var name = new HostString(host);
            Root = options.PublicUrl ?? $"{scheme}://{new HostString(name.Host, options.SharedPort).Value}{prefix}";
            _service = $"{scheme}://{host}{prefix}";
            ClassicType = classicType;
        }
    }

    private string? ClassicType { get; }

    /// <summary>The shared port's base, without a slash at the end; expands <c>$(public_url)s</c> in the catalog.</summary>
    public string Root { get; }

    /// <summary>The base of a service's own links, without a slash at the end: with its prefix on the shared port, without on its classic port.</summary>
    public string Of(string type) => type == ClassicType ? _service : $"{Root}/{type}";

    private static string? First(HttpRequest request, string header) =>
        request.Headers[header].ToString().Split(',')[0].Trim() is { Length: > 0 } value ? value : null;
}
