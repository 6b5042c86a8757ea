using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Kernel.Diagnostics;

/// <summary>How the controller is, for <c>/healthz</c> and <c>nephos status</c>.</summary>
/// <param name="Ok">False when requests cannot be served: answer 503.</param>
/// <param name="Database"><c>ok</c>, or why not.</param>
/// <param name="FailingLoops">Names of loops whose last run failed, and why.</param>
/// <param name="Operations">Live operations held here, by service.</param>
public sealed record HealthReport(bool Ok, string Database, IReadOnlyDictionary<string, string> FailingLoops, IReadOnlyDictionary<string, int> Operations);

/// <summary>Finds out how the controller is.</summary>
public sealed class HealthStatus(Database database, IEnumerable<Loop> loops, IEnumerable<OperationsRunner> runners)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Asks the database, and reads what loops and operations say of themselves.</summary>
    public async Task<HealthReport> Check()
    {
        var answer = await Ask();
        return new HealthReport(answer == "ok", answer,
            loops.Where(l => l.Last?.Error is not null).ToDictionary(l => l.Name, l => l.Last!.Error!, StringComparer.Ordinal),
            runners.ToDictionary(r => r.Service, r => r.Held, StringComparer.Ordinal));
    }

    private async Task<string> Ask()
    {
        try
        {
            await database.For("health").Scalar<long>($"SELECT 1").WaitAsync(Patience);
            return "ok";
        }
        catch (Exception e) when (e is DatabaseUnavailable or TimeoutException)
        {
            return e.Message;
        }
    }
}
