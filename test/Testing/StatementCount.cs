using Nephos.Kernel.Data;

namespace Nephos.Testing;

/// <summary>How often the database is asked.</summary>
public static class StatementCount
{
    /// <summary>Statements that name one of the tables of a service, but not this one, while something runs.</summary>
    public static async Task<int> Statements(this Database database, string service, string except, Func<Task> run)
    {
        var count = 0;
        database.Watch = sql =>
        {
            var text = sql.Render(database.IsPostgres);
            if (text.Contains($" {service}_", StringComparison.Ordinal) && !text.Contains(except, StringComparison.Ordinal)) Interlocked.Increment(ref count);
        };
        try { await run(); }
        finally { database.Watch = null; }
        return count;
    }
}
