using System.Diagnostics.Metrics;

namespace Nephos.Kernel.Operations;

/// <summary>What <c>/metrics</c> tells of operations.</summary>
internal static class OperationMetrics
{
    private static readonly Meter Meter = new("Nephos.Operations");

    public static readonly Counter<long> Ended = Meter.CreateCounter<long>("nephos_operations_ended", description: "Operations that ended, by kind and outcome.");
    public static readonly Counter<long> Errors = Meter.CreateCounter<long>("nephos_operation_errors", description: "Unexpected errors in steps, which are tried again.");
    public static readonly Counter<long> Adopted = Meter.CreateCounter<long>("nephos_operations_adopted", description: "Operations taken over from a dead process.");
    public static readonly UpDownCounter<long> Live = Meter.CreateUpDownCounter<long>("nephos_operations_live", description: "Operations held by this process.");
    public static readonly Histogram<double> StepSeconds = Meter.CreateHistogram<double>("nephos_operation_step_seconds", "s", "From entering a step to finishing it.");
}
