using System.Globalization;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Network.Attributes;

/// <summary>What a list's query asks for.</summary>
internal static class ListQuery
{
    private static readonly string[] Reserved = ["fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"];
    private static readonly string[] TagFilters = ["tags", "tags-any", "not-tags", "not-tags-any"];

    public static ListSql Of<T>(QueryArgs query, Resource<T> resource, Viewer viewer) where T : class, IResourceRow
    {
        var list = new ListSql(resource.Table) { Select = resource.Select, Limit = Limit(query), MarkerMissing = resource.Missing, Backwards = query["page_reverse"]?.ToLowerInvariant() == "true" };
        if (list.Limit is not null) list.Marker = query["marker"];
        if (!viewer.IsAdmin) list.Scope(resource.Visible(viewer));
        AddFilters(query, resource, viewer, list);
        Sort(query, resource, list);
        return list;
    }

    /// <summary>Attributes a client wants to see; empty is all.</summary>
    public static IReadOnlyCollection<string> Fields(QueryArgs query) => [.. query.All("fields").Where(f => f.Length > 0)];

    /// <summary>Links to the pages beside this one.</summary>
    public static List<object>? Links(Call call, IReadOnlyList<Guid> ids)
    {
        if (Limit(call.Query) is not { } limit) return null;
        var reverse = call.Query["page_reverse"]?.ToLowerInvariant() == "true";
        var links = new List<object>();
        var path = call.ServiceUrl + call.Path;
        if (reverse || ids.Count >= limit) links.Add(new { rel = "next", href = path + call.Query.With(("marker", ids.Count > 0 ? ids[^1].ToString() : null), ("page_reverse", null)) });
        if (!reverse || ids.Count >= limit) links.Add(new { rel = "previous", href = path + call.Query.With(("marker", ids.Count > 0 ? ids[0].ToString() : null), ("page_reverse", "True")) });
        return links;
    }

    public static int? Limit(QueryArgs query)
    {
        if (query["limit"] is not { } text) return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) && limit >= 0
            ? limit == 0 ? null : limit : throw Errors.BadOperation("limit", $"Limit must be an integer 0 or greater and not '{text}'");
    }

    private static void AddFilters<T>(QueryArgs query, Resource<T> resource, Viewer viewer, ListSql list) where T : class, IResourceRow
    {
        var unknown = new List<string>();
        foreach (var name in query.Names)
        {
            if (Reserved.Contains(name)) continue;
            if (resource.Tagged && TagFilters.Contains(name))
            {
                list.Where(Tags(resource.Name, name, query[name]!));
                continue;
            }
            var attribute = resource.Attributes.FirstOrDefault(a => a.Name == name);
            if (attribute?.Filter is { } filter) list.Where(filter(query.All(name), viewer));
            else if (attribute?.Column is { } column) list.Where(Equal(column, attribute.Kind, query.All(name)));
            else unknown.Add(name);
        }
        if (unknown.Count > 0) throw Errors.BadRequest($"{Read.PyList(unknown)} is invalid attribute for filtering");
    }

    private static SqlText Equal(string column, ColumnKind kind, IReadOnlyList<string> values) => kind switch
    {
        ColumnKind.Bool => $"{Sql.Raw(column)} IN {values.Select(v => Read.ParseBool(v) ?? throw Errors.InvalidInput($"'{v}' cannot be converted to boolean")).ToArray()}",
        ColumnKind.Number => $"{Sql.Raw(column)} IN {values.Select(v => long.TryParse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : throw Errors.InvalidInput($"'{v}' is not an integer")).ToArray()}",
        // An absent value is asked for by the empty text.
        _ when values.Contains("") => $"({Sql.Raw(column)} IN {values} OR {Sql.Raw(column)} IS NULL)",
        _ => $"{Sql.Raw(column)} IN {values}",
    };

    private static SqlText Tags(string kind, string filter, string value)
    {
        var tags = value.Split(',').Distinct().ToArray();
        SqlText all = $"id IN (SELECT id FROM network_tags WHERE kind = {kind} AND tag IN {tags} GROUP BY id HAVING COUNT(*) = {tags.Length})";
        SqlText any = $"id IN (SELECT id FROM network_tags WHERE kind = {kind} AND tag IN {tags})";
        return filter switch { "tags" => all, "tags-any" => any, "not-tags" => $"NOT {all}", _ => $"NOT {any}" };
    }

    private static void Sort<T>(QueryArgs query, Resource<T> resource, ListSql list) where T : class, IResourceRow
    {
        var (keys, directions) = (query.All("sort_key"), query.All("sort_dir"));
        if (keys.Count != directions.Count) throw Errors.BadRequest("The number of sort_keys and sort_dirs must be same");
        var allowed = resource.Attributes.Where(a => a.Column is not null && a.Sorts).ToDictionary(a => a.Name, a => a.Column!);
        var absent = keys.Where(k => !allowed.ContainsKey(k)).ToList();
        if (absent.Count > 0) throw Errors.BadRequest($"{Read.PyList(absent)} is invalid attribute for sort_keys");
        var wrong = directions.Where(d => d is not ("asc" or "desc")).ToList();
        if (wrong.Count > 0) throw Errors.BadRequest($"{Read.PyList(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'");
        if (keys.Count == 0) list.OrderBy("created_at");
        list.OrderBy(keys.Select((k, i) => new Kernel.Data.SortKey(k, directions[i] == "desc")), allowed);
    }
}
