using System.Data.Common;

namespace Nephos.Kernel.Data;

/// <summary>
/// What belongs to the rows of a page and lies in another table: one statement for all of them, and how each row gets its share.
/// <see cref="Db.Fill"/> reads all the kinds of a page at once.
/// </summary>
public abstract class Part<TRow>
{
    private protected Part(SqlText sql) => Sql = sql;

    internal SqlText Sql { get; }

    internal abstract Task Give(string text, DbDataReader reader, IReadOnlyList<TRow> rows);
}

/// <summary>Makes parts.</summary>
public static class Part
{
    /// <summary>Things that rows have any number of.</summary>
    /// <param name="row">What a row is found by.</param>
    /// <param name="thing">The same of a thing.</param>
    /// <param name="sql">Reads those of all rows, in the order wanted.</param>
    /// <param name="give">Gets each row with its own, perhaps none.</param>
    public static Part<TRow> Of<TRow, TKey, TThing>(Func<TRow, TKey> row, Func<TThing, TKey> thing, SqlText sql, Action<TRow, IReadOnlyList<TThing>> give)
        where TKey : notnull => new Things<TRow, TKey, TThing>(sql, row, thing, give);

    /// <summary>Something that is so for some rows: the statement reads what these are found by.</summary>
    public static Part<TRow> Flag<TRow, TKey>(Func<TRow, TKey> row, SqlText sql, Action<TRow, bool> give)
        where TKey : notnull => new Things<TRow, TKey, TKey>(sql, row, key => key, (r, found) => give(r, found.Count > 0));

    private sealed class Things<TRow, TKey, TThing>(SqlText sql, Func<TRow, TKey> row, Func<TThing, TKey> thing, Action<TRow, IReadOnlyList<TThing>> give) : Part<TRow>(sql)
        where TKey : notnull
    {
        internal override async Task Give(string text, DbDataReader reader, IReadOnlyList<TRow> rows)
        {
            var (read, texts) = (RowReader<TThing>.For(text, reader), new JsonTexts());
            var found = new Dictionary<TKey, List<TThing>>();
            while (await reader.ReadAsync())
            {
                var one = read(reader, texts);
                var key = thing(one);
                if (!found.TryGetValue(key, out var own))
                {
                    found[key] = own = [];
                }
                own.Add(one);
            }
            foreach (var each in rows)
            {
                give(each, found.TryGetValue(row(each), out var own) ? own : []);
            }
        }
    }
}
