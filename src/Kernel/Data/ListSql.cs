using Nephos.Contracts;

namespace Nephos.Kernel.Data;

/// <summary>What to sort by.</summary>
/// <param name="Key">The name the user gave.</param>
/// <param name="Descending">Direction.</param>
public readonly record struct SortKey(string Key, bool Descending = false);

/// <summary>A page of rows.</summary>
/// <param name="Items">In the order asked for.</param>
/// <param name="HasMore">True if rows follow.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, bool HasMore);

/// <summary>
/// A list a user asks for: conditions, sort keys from an allow-list, and a page after a marker. The marker is a row, not a position:
/// the page begins behind its values, so that rows added or removed meanwhile neither repeat nor hide others. Nulls sort as the
/// smallest values on both databases.
/// </summary>
/// <param name="from">A table or a join: <c>compute_servers</c>.</param>
/// <param name="key">The unique column that a marker names and that ends every order.</param>
public sealed class ListSql(string from, string key = "id")
{
    private readonly List<SqlText> scope = [];
    private readonly List<SqlText> where = [];
    private readonly List<Key> order = [];

    /// <summary>What is selected; all columns if not said.</summary>
    public string Select { get; init; } = "*";

    /// <summary>Rows on a page; null is all.</summary>
    public int? Limit { get; set; }

    /// <summary>The key of the last row of the page before, as the user gave it; null for the first page.</summary>
    public string? Marker { get; set; }

    /// <summary>What is thrown when no row has the marker's key.</summary>
    public Func<string, Fault> MarkerMissing { get; init; } = marker => Fault.Invalid($"marker [{marker}] not found");

    /// <summary>True for the page that ends before the marker (<c>page_reverse</c>).</summary>
    public bool Backwards { get; set; }

    /// <summary>Adds a condition that rows and the marker must meet: who may see them.</summary>
    public ListSql Scope(SqlText condition)
    {
        scope.Add(condition);
        return this;
    }

    /// <summary>Adds a condition: a filter.</summary>
    public ListSql Where(SqlText condition)
    {
        where.Add(condition);
        return this;
    }

    /// <summary>Adds a sort key of the program's own: a column that is never null, unless it says so, which lets an index give the order.</summary>
    public ListSql OrderBy(string column, bool descending = false, bool nullable = false)
    {
        order.Add(new(column, descending, nullable));
        return this;
    }

    /// <summary>Adds sort keys of the user's.</summary>
    /// <param name="keys">As asked for.</param>
    /// <param name="allowed">Names a user may give, and the column of each.</param>
    /// <param name="refused">What is thrown for another.</param>
    public ListSql OrderBy(IEnumerable<SortKey> keys, IReadOnlyDictionary<string, string> allowed, Func<string, Fault>? refused = null)
    {
        foreach (var sort in keys)
        {
            order.Add(new(allowed.TryGetValue(sort.Key, out var column) ? column
                : throw (refused?.Invoke(sort.Key) ?? Fault.Invalid($"Sort key supplied is invalid: {sort.Key}")), sort.Descending, Nullable: true));
        }
        return this;
    }

    /// <summary>Counts the rows of all pages.</summary>
    public SqlText Count() => $"SELECT COUNT(*) FROM {Sql.Raw(from)} WHERE {Sql.All([.. scope, .. where])}";

    /// <summary>The statement for one page, to stream it. With <paramref name="extra"/> = 1 it reads one row more, which tells if another page follows.</summary>
    public async Task<SqlText> Text(Db db, int extra = 0)
    {
        var keys = Keys();
        SqlText text = $"SELECT {Sql.Raw(Select)} FROM {Sql.Raw(from)} WHERE {Sql.All([.. scope, .. where])}";
        if (Marker is { } marker)
        {
            text.AppendLiteral(" AND ");
            text.Append(After(keys, await MarkerValues(db, keys, marker)));
        }
        text.AppendLiteral(" ORDER BY ");
        text.AppendLiteral(string.Join(", ", keys.Select(k => k.Text)));
        if (Limit is { } limit)
        {
            text.Append($" LIMIT {(long)limit + extra}");
        }
        return text;
    }

    internal async Task<Page<T>> Read<T>(Db db)
    {
        var rows = await db.Query<T>(await Text(db, extra: 1));
        var more = rows.Count > Limit;
        if (more)
        {
            rows.RemoveAt(rows.Count - 1);
        }
        if (Backwards)
        {
            rows.Reverse();
        }
        return new(rows, more);
    }

    private List<Key> Keys()
    {
        var keys = order.DistinctBy(k => k.Column).ToList();
        if (!keys.Exists(k => k.Column == key))
        {
            keys.Add(new(key, keys.Count > 0 && keys[^1].Descending, Nullable: false));
        }
        return Backwards ? keys.ConvertAll(k => k with { Descending = !k.Descending }) : keys;
    }

    private async Task<object?[]> MarkerValues(Db db, List<Key> keys, string marker)
    {
        var columns = Sql.Raw(string.Join(", ", keys.Select(k => k.Column)));
        return await db.Values($"SELECT {columns} FROM {Sql.Raw(from)} WHERE {Sql.Raw(key)} = {marker} AND {Sql.All(scope)}")
            ?? throw MarkerMissing(marker);
    }

    private static SqlText After(List<Key> keys, object?[] values)
    {
        if (keys.TrueForAll(k => !k.Nullable && k.Descending == keys[0].Descending))
        {
            // An index starts reading here.
            return $"({Sql.Raw(string.Join(", ", keys.Select(k => k.Column)))}) {Sql.Raw(keys[0].Descending ? "<" : ">")} {Sql.Row(values)}";
        }
        // (a behind) OR (a equal AND b behind) OR ..
        var choices = new List<SqlText>();
        var equal = new List<SqlText>();
        for (var i = 0; i < keys.Count; i++)
        {
            var (name, descending, nullable) = keys[i];
            var (column, value) = (Sql.Raw(name), values[i]);
            choices.Add(Sql.All([.. equal, (value, descending) switch
            {
                (null, false) => (SqlText)$"{column} IS NOT NULL",
                (null, true) => Sql.Raw("1 = 0"),
                (_, false) => $"{column} > {value}",
                (_, true) when nullable => $"({column} < {value} OR {column} IS NULL)",
                (_, true) => $"{column} < {value}",
            }]));
            equal.Add(value is null ? (SqlText)$"{column} IS NULL" : $"{column} = {value}");
        }
        return Sql.Any(choices);
    }

    private sealed record Key(string Column, bool Descending, bool Nullable)
    {
        public string Text => (Column, Descending, Nullable) switch
        {
            (_, true, true) => $"{Column} DESC NULLS LAST",
            (_, false, true) => $"{Column} NULLS FIRST",
            (_, true, _) => $"{Column} DESC",
            _ => Column,
        };
    }
}
