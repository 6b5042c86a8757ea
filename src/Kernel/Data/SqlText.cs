using System.Runtime.CompilerServices;
using System.Text;

namespace Nephos.Kernel.Data;

/// <summary>
/// A statement written as an interpolated string: every hole becomes a parameter, so that a value can never be spliced into the text.
/// A list stands behind IN: a short one becomes <c>($1, $2, ..)</c>, a longer one a single parameter, so that its length neither makes
/// another statement to prepare nor meets a limit. Another <see cref="SqlText"/> is inserted as it is, <see cref="Sql.Raw"/> inserts a
/// constant. The same text runs on both databases.
/// </summary>
[InterpolatedStringHandler]
public sealed class SqlText
{
    internal const char Hole = '\u0001';
    internal const char Matches = '\u0002';
    private const char ListHole = '\u0003';
    private const int ShortList = 4;

    private readonly StringBuilder text;
    private readonly List<SqlValue> values;
    private string? rendered;

    /// <summary>Called by the compiler.</summary>
    public SqlText(int literalLength, int formattedCount)
    {
        text = new StringBuilder(literalLength + 4 * formattedCount);
        values = new List<SqlValue>(formattedCount);
    }

    internal SqlText(string constant) : this(constant.Length, 0) => text.Append(constant);

    internal IReadOnlyList<SqlValue> Values => values;

    /// <summary>True when there is no text at all.</summary>
    public bool IsEmpty => text.Length == 0;

    /// <summary>Called by the compiler for the text between holes.</summary>
    public void AppendLiteral(string value) => text.Append(value);

    /// <summary>Called by the compiler for a hole.</summary>
    public void AppendFormatted<T>(T value)
    {
        switch (value)
        {
            case SqlText inner: Append(inner); break;
            case string or byte[]: Add(SqlValue.Of(value)); break;
            case System.Collections.IEnumerable list: AddList(list, typeof(T)); break;
            default: Add(SqlValue.Of(value)); break;
        }
    }

    /// <summary>Inserts another text with its values.</summary>
    public SqlText Append(SqlText other)
    {
        rendered = null;
        text.Append(other.text);
        values.AddRange(other.values);
        return this;
    }

    /// <summary>The statement with its parameters named <c>$1</c>, <c>$2</c> ..</summary>
    public override string ToString() => Render(postgres: false);

    internal string Render(bool postgres)
    {
        if (rendered is not null)
        {
            return rendered;
        }
        var result = new StringBuilder(text.Length + 8 * values.Count);
        var number = 0;
        foreach (var chunk in text.GetChunks())
        {
            foreach (var c in chunk.Span)
            {
                _ = c switch
                {
                    Hole => result.Append('$').Append(++number),
                    ListHole => result.Append(postgres ? "SELECT unnest($" : "SELECT value FROM json_each($").Append(++number).Append(')'),
                    Matches => result.Append(postgres ? "~" : "REGEXP"),
                    _ => result.Append(c),
                };
            }
        }
        return rendered = result.ToString();
    }

    private void Add(SqlValue value)
    {
        text.Append(Hole);
        values.Add(value);
    }

    private void AddList(System.Collections.IEnumerable list, Type type)
    {
        var items = list.Cast<object?>().Select(SqlValue.Of).ToList();
        text.Append('(');
        if (items.Count == 0)
        {
            // "IN ()" is refused, and "IN (NULL)" makes NOT IN false: an empty subquery of the right type is what is meant.
            text.Append("SELECT CAST(NULL AS ").Append(SqlValue.NameOfElement(type)).Append(") WHERE 1 = 0");
        }
        else if (items.Count > ShortList && SqlValue.List(items) is { } whole)
        {
            text.Append(ListHole);
            values.Add(whole);
        }
        else
        {
            text.AppendJoin(',', items.Select(_ => Hole));
            values.AddRange(items);
        }
        text.Append(')');
    }
}

/// <summary>What may stand in a hole of a <see cref="SqlText"/> besides values.</summary>
public static class Sql
{
    /// <summary>Text inserted as it is. Only for constants of the program: names of tables and columns, directions.</summary>
    public static SqlText Raw(string constant) => new(constant);

    /// <summary>Values as a row: <c>($1, $2)</c>.</summary>
    internal static SqlText Row(IEnumerable<object?> values)
    {
        var result = new SqlText("(");
        foreach (var value in values)
        {
            result.AppendLiteral(result.Values.Count > 0 ? ", " : "");
            result.AppendFormatted(value);
        }
        result.AppendLiteral(")");
        return result;
    }

    /// <summary>A value stored as JSON text; read it back with <see cref="JsonAttribute"/>.</summary>
    public static string? Json<T>(T value) => value is null ? null : StoredJson.Write(value);

    /// <summary><paramref name="column"/> matches a regular expression that a user wrote (at most 255 characters).</summary>
    /// <exception cref="Contracts.Fault">When it is not a regular expression.</exception>
    public static SqlText Matches(string column, string pattern)
    {
        UserRegex.Check(pattern);
        return $"{Raw(column)} {Raw(SqlText.Matches.ToString())} {pattern}";
    }

    /// <summary>Conditions joined by AND in parentheses; none is true.</summary>
    public static SqlText All(IEnumerable<SqlText> conditions) => Join(conditions, " AND ", "1 = 1");

    /// <summary>Conditions joined by OR in parentheses; none is false.</summary>
    public static SqlText Any(IEnumerable<SqlText> conditions) => Join(conditions, " OR ", "1 = 0");

    private static SqlText Join(IEnumerable<SqlText> conditions, string word, string none)
    {
        var result = new SqlText("(");
        var first = true;
        foreach (var condition in conditions)
        {
            if (!first)
            {
                result.AppendLiteral(word);
            }
            first = false;
            result.Append(condition);
        }
        result.AppendLiteral(first ? none + ")" : ")");
        return result;
    }
}
