namespace Nephos.Kernel.Data;

/// <summary>Which database, and how careful.</summary>
public sealed record DatabaseOptions
{
    /// <summary>File of a SQLite database; used when <see cref="Postgres"/> is null.</summary>
    public string? SqlitePath { get; init; }

    /// <summary>Npgsql connection string of a PostgreSQL database.</summary>
    public string? Postgres { get; init; }

    /// <summary>SQLite: each commit reaches the disk before it is answered. False for tests and <c>--fake</c>.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Tests: a transaction that awaits anything but its own statements is an error (seen on SQLite, whose statements never wait).</summary>
    public bool Strict { get; init; }

    /// <summary>From <c>sqlite:/path</c>, a plain path, or <c>postgres://user:password@host:port/name</c> (a socket's folder as <c>?host=/run/postgresql</c>).</summary>
    public static DatabaseOptions FromUrl(string url)
    {
        if (!url.StartsWith("postgres://", StringComparison.Ordinal) && !url.StartsWith("postgresql://", StringComparison.Ordinal))
        {
            return new() { SqlitePath = url.StartsWith("sqlite:", StringComparison.Ordinal) ? url["sqlite:".Length..] : url };
        }
        var address = new Uri(url);
        var user = address.UserInfo.Split(':', 2);
        var host = address.Query.TrimStart('?').Split('&').FirstOrDefault(q => q.StartsWith("host=", StringComparison.Ordinal))?[5..];
        return new()
        {
            Postgres = new Npgsql.NpgsqlConnectionStringBuilder
            {
                Host = Uri.UnescapeDataString(host ?? address.Host),
                Port = address.Port > 0 ? address.Port : 5432,
                Database = address.AbsolutePath.Trim('/'),
                Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
                Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            }.ConnectionString,
        };
    }
}
