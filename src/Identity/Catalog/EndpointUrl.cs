using System.Text.RegularExpressions;

namespace Nephos.Identity.Catalog;

/// <summary>URLs of endpoints as they are stored, with variables.</summary>
internal static partial class EndpointUrl
{
    /// <exception cref="Contracts.Fault">400 for a variable that nobody fills in.</exception>
    public static void RequireKnown(string url)
    {
        if (Unknown().IsMatch(url)) throw Errors.BadEndpointUrl(url);
    }

    [GeneratedRegex(@"[$%]\((?!(public_url|project_id|tenant_id|user_id|admin_url|admin_endpoint|public_endpoint|compute_host|compute_port|admin_port|public_port)\)s)")]
    private static partial Regex Unknown();
}
