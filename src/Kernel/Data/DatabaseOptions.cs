using System.Text.RegularExpressions;
using Npgsql;

namespace Nephos.Kernel.Data;

/// <summary>Which database, and how careful.</summary>
public sealed partial record DatabaseOptions
{
    /// <summary>File of a SQLite database; used when <see cref="Postgres"/> is null.</summary>
    public string? SqlitePath { get; init; }

    /// <summary>Npgsql connection string of a PostgreSQL database.</summary>
    public string? Postgres { get; init; }

    /// <summary>SQLite: each commit reaches the disk before it is answered. False for tests and <c>--fake</c>.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Tests: a transaction that awaits anything but its own statements is an error (seen on SQLite, whose statements never wait).</summary>
    public bool Strict { get; init; }

    /// <summary>From <c>postgresql://user:password@host:port/name?sslmode=require</c>; a socket's folder is given as <c>?host=/run/postgresql</c>.</summary>
    /// <exception cref="FormatException">Says what is wrong with it, without the URL: it may hold a password.</exception>
    public static DatabaseOptions FromUrl(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("postgres" or "postgresql"))
        {
            throw new FormatException("it is not a URL like postgresql://USER@HOST/NAME (in user and password, characters such as @ : / % are written %40 %3A %2F %25)");
        }
        var connection = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(address.Host), Database = Uri.UnescapeDataString(address.AbsolutePath.Trim('/')) };
        if (address.Port > 0)
        {
            connection.Port = address.Port;
        }
        if (address.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var password])
        {
            connection.Username = Uri.UnescapeDataString(user);
            connection.Password = password is [var text] ? Uri.UnescapeDataString(text) : null;
        }
        foreach (var part in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            Set(connection, part.Split('=', 2) is [var name, var value] ? (name, Uri.UnescapeDataString(value)) : (part, ""));
        }
        if (string.IsNullOrEmpty(connection.Database))
        {
            throw new FormatException("it names no database: postgresql://USER@HOST/NAME");
        }
        if (string.IsNullOrEmpty(connection.Host))
        {
            throw new FormatException("it names no host: postgresql://USER@HOST/NAME, or postgresql:///NAME?host=/run/postgresql for a socket");
        }
        return new() { Postgres = connection.ConnectionString };
    }

    /// <summary>The same URL for people and logs.</summary>
    public static string WithoutPassword(string url) => Password().Replace(url, "$1@");

    private static void Set(NpgsqlConnectionStringBuilder connection, (string Name, string Value) parameter)
    {
        switch (parameter.Name)
        {
            case "host":
                connection.Host = parameter.Value;
                break;
            case "port" when int.TryParse(parameter.Value, out var port):
                connection.Port = port;
                break;
            case "user":
                connection.Username = parameter.Value;
                break;
            case "sslmode" when Enum.TryParse<SslMode>(parameter.Value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode):
                connection.SslMode = mode;
                break;
            case "sslrootcert":
                connection.RootCertificate = parameter.Value;
                break;
            default:
                throw new FormatException($"its parameter {parameter.Name} is not one of host, port, user, sslmode (disable, allow, prefer, require, verify-ca, verify-full), sslrootcert, or has no such value");
        }
    }

    [GeneratedRegex("^([a-z]+://[^:/@]*):.*@")]
    private static partial Regex Password();
}
