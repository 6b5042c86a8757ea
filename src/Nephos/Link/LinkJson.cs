using System.Text.Json;
using Nephos.Contracts;

namespace Nephos.Link;

/// <summary>How the node link looks on the wire: JSON over HTTP, always from node to controller.</summary>
static class LinkJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);

    /// <summary>In the query of a request for an image's data: the path of its file would do, if there is one.</summary>
    public const string ByPath = "path";

    /// <summary>Holds that path.</summary>
    public const string PathHeader = "X-Path";

    /// <summary>A fault on the link, so that a node throws what the controller threw.</summary>
    public sealed record WireFault(FaultKind Kind, string Name, string Message);

    public sealed record WatchCall(IReadOnlyDictionary<string, long> After);
}
