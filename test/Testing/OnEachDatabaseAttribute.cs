using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Nephos.Testing;

/// <summary>Which database a test body runs on.</summary>
public enum DatabaseKind
{
    /// <summary>A file in a temporary folder.</summary>
    Sqlite,
    /// <summary>The private cluster.</summary>
    Postgres,
}

/// <summary>
/// Runs a test once per database: <c>[Theory, OnEachDatabase] async Task Name(DatabaseKind kind)</c>. PostgreSQL is shown as skipped, with
/// the reason, where it is absent.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnEachDatabaseAttribute : DataAttribute
{
    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) => new(
    [
        new TheoryDataRow(DatabaseKind.Sqlite),
        new TheoryDataRow(DatabaseKind.Postgres) { Skip = PostgresCluster.Missing },
    ]);

    /// <inheritdoc/>
    public override bool SupportsDiscoveryEnumeration() => true;
}
