using Nephos.Kernel.Data;
using Npgsql;
using Xunit;

namespace Nephos.Kernel.Tests.Data;

public sealed class DatabaseOptionsTests
{
    [Theory]
    [InlineData("postgresql://me:s%40cret@db.example:5433/cloud?sslmode=verify-full", "db.example", 5433, "me", "s@cret", "cloud", SslMode.VerifyFull)]
    [InlineData("postgres://me@db.example/cloud", "db.example", 5432, "me", null, "cloud", SslMode.Prefer)]
    [InlineData("postgresql:///cloud?host=/run/postgresql&port=5433&user=me", "/run/postgresql", 5433, "me", null, "cloud", SslMode.Prefer)]
    public void A_url_says_where_the_database_is(string url, string host, int port, string user, string? password, string database, SslMode ssl)
    {
        var connection = new NpgsqlConnectionStringBuilder(DatabaseOptions.FromUrl(url).Postgres);
        Assert.Equal((host, port, user, password, database, ssl), (connection.Host, connection.Port, connection.Username, connection.Password, connection.Database, connection.SslMode));
    }

    [Theory]
    [InlineData("mysql://me:hunter2@db.example/cloud")]
    [InlineData("/var/lib/cloud.db")]
    [InlineData("postgresql://me:hunter2@db.example")]
    [InlineData("postgresql:///cloud")]
    [InlineData("postgresql://me:hunter2@db.example/cloud?sslmode=perhaps")]
    [InlineData("postgresql://me:hunter2@db.example/cloud?connect_timeout=3")]
    public void What_would_be_passed_over_is_refused_and_no_password_shown(string url) =>
        Assert.DoesNotContain("hunter2", Assert.Throws<FormatException>(() => DatabaseOptions.FromUrl(url)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("postgresql://me:hunter2@db.example/cloud", "postgresql://me@db.example/cloud")]
    [InlineData("postgresql://me:hun@ter2@db.example/cloud", "postgresql://me@db.example/cloud")]
    [InlineData("postgresql://me@db.example:5433/cloud", "postgresql://me@db.example:5433/cloud")]
    [InlineData("postgresql:///cloud?host=/run/postgresql", "postgresql:///cloud?host=/run/postgresql")]
    public void A_url_is_shown_without_its_password(string url, string shown) => Assert.Equal(shown, DatabaseOptions.WithoutPassword(url));
}
