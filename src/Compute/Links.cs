using Nephos.Kernel.Api;

namespace Nephos.Compute;

/// <summary>A link of a thing or a list.</summary>
internal sealed record Link(string Rel, string Href)
{
    /// <summary>Links every thing has: <c>self</c> with the version in the path, <c>bookmark</c> without.</summary>
    public static Link[] Of(Call call, string collection, string id) =>
    [
        new("self", $"{call.ServiceUrl}/{VersionPath(call)}/{collection}/{id}"),
        Bookmark(call, collection, id),
    ];

    public static Link Bookmark(Call call, string collection, string id) => new("bookmark", $"{call.ServiceUrl}/{collection}/{id}");

    /// <summary>The link to the next page, or null when this one was not full. Like upstream, a full page that happens to be the last has one too.</summary>
    public static Link[]? Next(Call call, string path, int limit, int count, Func<string> lastId) => limit > 0 && count == limit
        ? [new("next", $"{call.ServiceUrl}/{VersionPath(call)}/{path}{call.Query.With(("marker", lastId()))}")]
        : null;

    private static string VersionPath(Call call) => call.Path.StartsWith("/v2.1", StringComparison.Ordinal) ? "v2.1" : "v2";
}

/// <summary>limit and marker of a query.</summary>
internal readonly record struct Paging(int Limit, string? Marker)
{
    /// <summary>nova's <c>[api]max_limit</c>.</summary>
    public const int Max = 1000;

    public static Paging Of(Call call)
    {
        var limit = Max;
        if (call.Query["limit"] is { } text)
        {
            if (!int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var asked))
            {
                // Larger than any page; the schema has refused what is no number.
                asked = text.Length > 0 && text.All(char.IsAsciiDigit) ? Max : throw Errors.BadLimit(text);
            }
            limit = Math.Min(asked, Max);
        }
        return new(limit, call.Query["marker"]);
    }
}
