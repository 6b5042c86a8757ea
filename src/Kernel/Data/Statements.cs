namespace Nephos.Kernel.Data;

/// <summary>What kind of statement a text is.</summary>
internal static class Statements
{
    /// <summary>SQLite: readers do not queue at the gate of the writers. Writing connections are told apart by the first word.</summary>
    public static bool OnlyReads(SqlText sql)
    {
        var text = sql.Render(postgres: false).AsSpan().TrimStart();
        return text.StartsWith("SELECT", StringComparison.OrdinalIgnoreCase)
            || (text.StartsWith("WITH", StringComparison.OrdinalIgnoreCase) && !Writes(text));
    }

    private static bool Writes(ReadOnlySpan<char> text) =>
        text.Contains("INSERT ", StringComparison.OrdinalIgnoreCase) || text.Contains("UPDATE ", StringComparison.OrdinalIgnoreCase)
        || text.Contains("DELETE ", StringComparison.OrdinalIgnoreCase);
}
