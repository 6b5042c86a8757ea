namespace Nephos.Kernel.Data;

/// <summary>
/// Numbers that others follow (events, revisions), and integer ids. The counter's row stays locked until the commit, so the order of
/// numbers is the order of commits and a reader never sees 2 before 1: take one as the last statement of a transaction, since it makes
/// the others wait.
/// </summary>
public readonly struct Counters(Db db)
{
    /// <summary>The next number of a counter: 1, 2, 3 .. A transaction that is taken back leaves no hole.</summary>
    public Task<long> Next(string name) => Next(name, 1);

    /// <summary>Takes <paramref name="count"/> numbers at once; the last of them.</summary>
    public Task<long> Next(string name, int count)
    {
        var table = db.Table("counters");
        return db.Scalar<long>($"""
            INSERT INTO {table} (name, value) VALUES ({name}, {count})
            ON CONFLICT (name) DO UPDATE SET value = {table}.value + {count} RETURNING value
            """);
    }

    /// <summary>
    /// Lets nobody take a number until this transaction ends. For one that changes rows which the takers of numbers change too, in another order:
    /// whoever comes here first goes first, and neither ever waits for the other.
    /// </summary>
    public Task Hold(string name)
    {
        // SQLite has one writer at a time.
        if (!db.Database.IsPostgres) return Task.CompletedTask;
        return db.Execute($"SELECT 1 FROM {db.Table("counters")} WHERE name = {name} FOR SHARE");
    }

    /// <summary>The number taken last, 0 before the first.</summary>
    public Task<long> Last(string name) => db.Scalar<long>($"SELECT value FROM {db.Table("counters")} WHERE name = {name}");
}
