using System.Globalization;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Shared;

/// <summary>
/// A list with keystone's filters: <c>name=x</c>, <c>name__contains=x</c> and its kind, <c>enabled</c>; and pages by <c>limit</c> and
/// <c>marker</c>, as the newest release has them. An unknown filter is ignored, as upstream does.
/// </summary>
internal sealed class Listing
{
    private readonly Call _call;

    public Listing(Call call, string table, string ordered = "created_at")
    {
        _call = call;
        Sql = new ListSql(table) { MarkerMissing = Errors.MarkerNotFound };
        if (call.Query["limit"] is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0)
        {
            Sql.Limit = limit;
            Sql.Marker = call.Query["marker"] is { Length: > 0 } marker ? marker : null;
        }
        Sql.OrderBy(ordered);
    }

    public ListSql Sql { get; }

    /// <summary>Filters on texts; the query's name is the column's.</summary>
    public Listing Texts(params ReadOnlySpan<string> columns)
    {
        foreach (var column in columns)
        {
            var name = Kernel.Data.Sql.Raw(column);
            foreach (var (key, value) in _call.Query.Pairs)
            {
                if (key == column) Sql.Where($"{name} = {value}");
                else if (key.StartsWith(column + "__", StringComparison.Ordinal) && Compared(name, key[(column.Length + 2)..], value) is { } condition) Sql.Where(condition);
            }
        }
        return this;
    }

    /// <summary>A filter on a yes or no: everything but a clear no is a yes, also nothing.</summary>
    public Listing Flags(params ReadOnlySpan<string> columns)
    {
        foreach (var column in columns)
            if (_call.Query[column] is { } value) Sql.Where($"{Kernel.Data.Sql.Raw(column)} = {IsTrue(value)}");
        return this;
    }

    public Listing Only(SqlText condition)
    {
        Sql.Where(condition);
        return this;
    }

    /// <summary>How keystone reads a yes in a query: absent is no, present is yes unless it says 0, false, no or off.</summary>
    public static bool IsTrue(string? value) => value is not null && value.Trim().ToLowerInvariant() is not ("0" or "f" or "false" or "n" or "no" or "off");

    /// <summary>The collection with keystone's links.</summary>
    public static Answer Answer<T>(Call call, string name, IReadOnlyList<T> items, string? nextMarker = null) =>
        Kernel.Api.Answer.Json((name, items), ("links", Links(call, nextMarker)));

    public static CollectionLinks Links(Call call, string? nextMarker = null)
    {
        var self = call.ServiceUrl + call.Path;
        return new(nextMarker is null ? null : self + call.Query.With(("marker", nextMarker)), call.Query.Raw.Length == 0 ? self : self + "?" + call.Query.Raw, null);
    }

    private static SqlText? Compared(SqlText column, string comparison, string value)
    {
        var plain = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
        var (blind, kind) = comparison.StartsWith('i') && comparison.Length > 1 ? (true, comparison[1..]) : (false, comparison);
        string? pattern = kind switch { "contains" => $"%{plain}%", "startswith" => plain + "%", "endswith" => "%" + plain, "exact" => plain, _ => null };
        if (pattern is null) return null;
        return blind ? (SqlText)$"LOWER({column}) LIKE {pattern.ToLowerInvariant()} ESCAPE '\\'" : $"{column} LIKE {pattern} ESCAPE '\\'";
    }
}

/// <summary>Links of a collection.</summary>
internal sealed record CollectionLinks(string? Next, string Self, string? Previous);

/// <summary>The link of one thing.</summary>
internal sealed record SelfLink(string Self);
