using System.Globalization;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using SortKey = Nephos.Kernel.Data.SortKey;

namespace Nephos.Image.Images;

/// <summary>Turns the query of a list into SQL: glance's filters, sort keys, and pages.</summary>
internal static class ImageList
{
    private const int DefaultLimit = 25, MaxLimit = 1000;
    private static readonly string[] SortKeys = ["name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at"];
    private static readonly Dictionary<string, string> SortColumns = SortKeys.ToDictionary(k => k, StringComparer.Ordinal);
    private static readonly HashSet<string> Texts = new(["name", "status", "container_format", "disk_format", "owner", "checksum", "os_hash_algo", "os_hash_value", "visibility"], StringComparer.Ordinal);
    private static readonly HashSet<string> Numbers = new(["size", "virtual_size", "min_disk", "min_ram"], StringComparer.Ordinal);
    private static readonly HashSet<string> NoFilters = new(["limit", "marker", "member_status", "tag", "sort", "sort_key", "sort_dir", "visibility", "os_hidden"], StringComparer.Ordinal);

    /// <param name="query">As sent.</param>
    /// <param name="project">The caller's, or null.</param>
    /// <param name="everything">True for administrators, who see every project's images.</param>
    public static ListSql Of(QueryArgs query, string? project, bool everything)
    {
        var list = new ListSql("image_images") { Limit = Limit(query), Marker = Marker(query), MarkerMissing = marker => Fault.Invalid($"No image found with ID {marker}") };
        Scope(list, project, everything);
        Visibility(list, query, project, everything);
        list.Where($"os_hidden = {OsHidden(query)}");
        foreach (var tag in query.All("tag")) list.Where($"EXISTS (SELECT 1 FROM image_tags t WHERE t.image_id = image_images.id AND t.tag = {tag.Trim()})");
        foreach (var name in query.Names.Where(n => !NoFilters.Contains(n))) list.Where(Filter(name, query[name]!));
        Sort(list, query);
        return list;
    }

    private static int Limit(QueryArgs query)
    {
        if (query["limit"] is not { } text) return DefaultLimit;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)) throw Errors.Invalid("limit param must be an integer");
        return limit < 0 ? throw Errors.Invalid("limit param must be positive") : Math.Min(limit, MaxLimit);
    }

    // Ids are stored in lower case.
    private static string? Marker(QueryArgs query) => query["marker"] is { } marker ? Guid.TryParseExact(marker, "D", out var id) ? id.ToString() : marker : null;

    private static void Scope(ListSql list, string? project, bool everything)
    {
        list.Scope($"deleted_at IS NULL");
        if (everything) return;
        list.Scope($"""
            (visibility IN ('public', 'community') OR owner = {project}
             OR (visibility = 'shared' AND EXISTS (SELECT 1 FROM image_members m WHERE m.image_id = image_images.id AND m.member = {project})))
            """);
    }

    private static void Visibility(ListSql list, QueryArgs query, string? project, bool everything)
    {
        var status = query["member_status"] ?? "accepted";
        if (status is not ("pending" or "accepted" or "rejected" or "all")) throw Errors.Invalid($"Invalid status: {status}");
        if (!everything && status != "all")
            list.Where($"""
                (visibility IN ('public', 'community') OR owner = {project}
                 OR EXISTS (SELECT 1 FROM image_members m WHERE m.image_id = image_images.id AND m.member = {project} AND m.status = {status}))
                """);
        switch (query["visibility"])
        {
            case null or "": list.Where($"(visibility <> 'community' OR owner = {project})"); break;
            case "all": break;
            case ("community" or "public" or "private" or "shared") and var visibility: list.Where($"visibility = {visibility}"); break;
            case var other: throw Errors.Invalid($"Invalid visibility value: {other}");
        }
    }

    private static bool OsHidden(QueryArgs query) => (query["os_hidden"] ?? "false").ToLowerInvariant() switch
    {
        "true" => true,
        "false" => false,
        var other => throw Errors.Invalid($"Invalid value '{other}' for 'os_hidden' filter. Valid values are 'true' or 'false'."),
    };

    private static SqlText Filter(string name, string value)
    {
        switch (name)
        {
            case "changes-since": throw Errors.Invalid("The \"changes-since\" filter is no longer available on v2.");
            case "protected": return Protected(value);
            case "id": return Id(value);
            case "created_at" or "updated_at": return Time(name, value);
            case "name" or "status" or "container_format" or "disk_format": return Word(name, value);
        }
        if ((name.EndsWith("_min", StringComparison.Ordinal) || name.EndsWith("_max", StringComparison.Ordinal)) && Numbers.Contains(name[..^4]))
            return Range(name[..^4], name.EndsWith("_min", StringComparison.Ordinal), value);
        if (Texts.Contains(name)) return $"{Sql.Raw(name)} = {value}";
        if (Numbers.Contains(name)) return long.TryParse(value, CultureInfo.InvariantCulture, out var number) ? $"{Sql.Raw(name)} = {number}" : (SqlText)$"1 = 0";
        return $"EXISTS (SELECT 1 FROM image_properties p WHERE p.image_id = image_images.id AND p.name = {name} AND p.value = {value})";
    }

    private static SqlText Protected(string value) => value is "true" or "false" ? (SqlText)$"protected = {value == "true"}"
        : throw Errors.Invalid($"Invalid value '{value}' for 'protected' filter. Valid values are 'true' or 'false'.");

    private static SqlText Id(string value)
    {
        var (op, text) = Split(value);
        return Word("id", op == "in" ? $"in:{text.ToLowerInvariant()}" : value.ToLowerInvariant());
    }

    private static SqlText Word(string column, string value)
    {
        var (op, text) = Split(value);
        return op switch
        {
            "in" => $"{Sql.Raw(column)} IN {Quoted(text)}",
            "eq" => $"{Sql.Raw(column)} = {text}",
            _ => throw Errors.Invalid($"Unable to filter by unknown operator '{op}'."),
        };
    }

    private static SqlText Range(string column, bool min, string value)
    {
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bound)) throw Errors.Invalid("Unable to filter on a range with a non-numeric value.");
        return min ? (SqlText)$"{Sql.Raw(column)} >= {bound}" : $"{Sql.Raw(column)} <= {bound}";
    }

    private static SqlText Time(string column, string value)
    {
        var (op, text) = Split(value);
        if (!TryTime(text, out var time)) throw Errors.Invalid($"Bad \"{column}\" query filter format. Use ISO 8601 DateTime notation.");
        // Answers show whole seconds, so that is what clients compare with.
        var (from, until) = (time, time.AddSeconds(1));
        var name = Sql.Raw(column);
        return op switch
        {
            "eq" => $"({name} >= {from} AND {name} < {until})",
            "neq" => $"({name} < {from} OR {name} >= {until})",
            "gt" => $"{name} >= {until}",
            "gte" => $"{name} >= {from}",
            "lt" => $"{name} < {from}",
            "lte" => $"{name} < {until}",
            _ => throw Errors.Invalid($"Unable to filter on a unknown operator."),
        };
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time) && text.Contains('-', StringComparison.Ordinal);

    /// <summary><c>in:a,b</c> is an operator and its value; a time with colons and no operator is not.</summary>
    private static (string Operator, string Value) Split(string expression)
    {
        var colon = expression.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || TryTime(expression, out _) ? ("eq", expression) : (expression[..colon], expression[(colon + 1)..]);
    }

    /// <summary>Values between commas; one in double quotes may hold commas, and quotes after a backslash.</summary>
    internal static IReadOnlyList<string> Quoted(string value)
    {
        var values = new List<string>();
        var current = new System.Text.StringBuilder();
        var open = false;
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '\\' && i + 1 < value.Length && value[i + 1] == '"') { current.Append('"'); i++; }
            else if (c == '"' && !open && i > 0 && value[i - 1] != ',') throw Errors.Invalid($"Invalid filter value {value}. There is no comma before opening quotation mark.");
            else if (c == '"' && open && i + 1 < value.Length && value[i + 1] != ',') throw Errors.Invalid($"Invalid filter value {value}. There is no comma after closing quotation mark.");
            else if (c == '"') open = !open;
            else if (c == ',' && !open) { values.Add(current.ToString()); current.Clear(); }
            else current.Append(c);
        }
        if (open) throw Errors.Invalid($"Invalid filter value {value}. The quote is not closed.");
        values.Add(current.ToString());
        return values;
    }

    private static void Sort(ListSql list, QueryArgs query)
    {
        var keys = new List<SortKey>();
        var direction = true;
        if (query["sort"] is { } sort)
        {
            if (query.Has("sort_key") || query.Has("sort_dir")) throw Errors.Invalid("Old and new sorting syntax cannot be combined");
            foreach (var part in sort.Trim().Split(','))
            {
                var pieces = part.Split(':', 2);
                keys.Add(new SortKey(Key(pieces[0].Trim()), Descending(pieces.Length > 1 && pieces[1].Length > 0 ? pieces[1].Trim() : "desc")));
            }
        }
        else
        {
            var names = query.All("sort_key").Select(k => Key(k.Trim())).ToList();
            var directions = query.All("sort_dir").Select(d => Descending(d.Trim())).ToList();
            if (directions.Count > 1 && directions.Count != names.Count) throw Errors.Invalid("Number of sort dirs does not match the number of sort keys");
            if (directions.Count == 1) direction = directions[0];
            keys.AddRange(names.Select((name, i) => new SortKey(name, directions.Count > 1 ? directions[i] : direction)));
        }
        // Upstream ends every order so; pages rest on it.
        list.OrderBy(keys, SortColumns).OrderBy("created_at", direction).OrderBy("id", direction);
    }

    private static string Key(string key) => SortColumns.ContainsKey(key) ? key
        : throw Errors.Invalid($"Invalid sort key: {key}. It must be one of the following: {string.Join(", ", SortKeys)}.");

    private static bool Descending(string direction) => direction switch
    {
        "asc" => false,
        "desc" => true,
        _ => throw Errors.Invalid($"Invalid sort direction: {direction}"),
    };
}
