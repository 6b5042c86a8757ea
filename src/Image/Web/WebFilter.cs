using System.Net;

namespace Nephos.Image.Web;

/// <summary>Decides which URLs and addresses may be fetched from; pure.</summary>
internal sealed class WebFilter(WebOptions options)
{
    /// <summary>Why a URL is refused, or null.</summary>
    public string? Refusal(Uri url)
    {
        if (!Allowed(url.Scheme, options.AllowedSchemes, options.DisallowedSchemes) || url.Scheme is not ("http" or "https")) return $"the scheme {url.Scheme} is not allowed";
        if (url.UserInfo.Length > 0) return "it holds a user or a password";
        if (!Allowed(url.IdnHost.TrimEnd('.').ToLowerInvariant(), Lower(options.AllowedHosts), Lower(options.DisallowedHosts))) return $"the host {url.Host} is not allowed";
        if (!Allowed(url.Port, options.AllowedPorts, options.DisallowedPorts)) return $"the port {url.Port} is not allowed";
        // A host that is an address: known without asking anybody.
        return IPAddress.TryParse(url.IdnHost, out var address) && !Allows(address) ? $"the address {address} is not public" : null;
    }

    /// <summary>Whether a connection to an address may be made.</summary>
    public bool Allows(IPAddress address) => PublicAddress.Is(address) || options.AllowedNetworks.Any(n => n.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    private static bool Allowed<T>(T value, IReadOnlyList<T> allowed, IReadOnlyList<T> refused) => allowed.Count > 0 ? allowed.Contains(value) : !refused.Contains(value);

    private static string[] Lower(IReadOnlyList<string> hosts) => [.. hosts.Select(h => h.TrimEnd('.').ToLowerInvariant())];
}
