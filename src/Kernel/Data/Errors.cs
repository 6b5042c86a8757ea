using Nephos.Contracts;

namespace Nephos.Kernel.Data;

/// <summary>A row with this key exists. Tables turn it into their service's conflict.</summary>
/// <param name="table">The table.</param>
/// <param name="columns">Columns of the unique index, in its order (an expression stands as the database writes it).</param>
/// <param name="inner">What the database said.</param>
public sealed class DuplicateKey(string table, IReadOnlyList<string> columns, Exception inner)
    : Exception($"{table} already has a row with this {string.Join(", ", columns)}.", inner)
{
    /// <summary>The table.</summary>
    public string Table => table;

    /// <summary>Columns of the unique index.</summary>
    public IReadOnlyList<string> Columns => columns;

    /// <summary>True if the key is that of <paramref name="names"/>, in any order.</summary>
    public bool On(params ReadOnlySpan<string> names)
    {
        if (names.Length != columns.Count)
        {
            return false;
        }
        foreach (var name in names)
        {
            if (!columns.Contains(name, StringComparer.Ordinal))
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>A foreign key does not hold: the row named is absent, or the row removed is still named.</summary>
public sealed class BrokenReference(Exception inner) : Exception("A row that is referred to is absent, or still in use.", inner);

/// <summary>The database cannot be asked now (gone, full, not reachable). Operations try again; a request answers with <see cref="Fault"/>.</summary>
public sealed class DatabaseUnavailable(Exception inner) : Exception("The database cannot be used: " + inner.Message, inner)
{
    /// <summary>What a user sees.</summary>
    public static Fault Fault => Contracts.Fault.Unavailable("The database cannot be used now. Try again later.", "DatabaseUnavailable");
}

/// <summary>The transaction lost against another one and runs again. Never caught by a body.</summary>
internal sealed class RunAgain(Exception inner) : Exception("The transaction must run again.", inner);
