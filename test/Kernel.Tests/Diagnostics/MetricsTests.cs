using System.Diagnostics.Metrics;
using Nephos.Kernel.Diagnostics;
using Nephos.Testing;
using Xunit;

namespace Nephos.Kernel.Tests.Diagnostics;

public sealed class MetricsTests
{
    [Fact]
    public void Counters_gauges_and_histograms_come_out_as_prometheus_text()
    {
        using var metrics = new Metrics();
        using var meter = new Meter("Nephos.Test");
        using var foreign = new Meter("Other.Test");
        foreign.CreateCounter<long>("other_things").Add(1);
        var counter = meter.CreateCounter<long>("test_things", description: "Things.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a\"b"), new KeyValuePair<string, object?>("ok", true));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a\"b"), new KeyValuePair<string, object?>("ok", true));
        meter.CreateObservableGauge("test_level", () => 7);
        var seconds = meter.CreateHistogram<double>("test_seconds");
        seconds.Record(0.001);
        seconds.Record(0.3);
        seconds.Record(100);
        var text = metrics.Text();
        Assert.Contains("# HELP test_things_total Things.\n# TYPE test_things_total counter\ntest_things_total{kind=\"a\\\"b\",ok=\"True\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE test_level gauge\ntest_level 7\n", text, StringComparison.Ordinal);
        Assert.Contains("test_seconds_bucket{le=\"0.001\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("test_seconds_bucket{le=\"0.5\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("test_seconds_bucket{le=\"+Inf\"} 3\ntest_seconds_sum 100.301\ntest_seconds_count 3\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("other_things", text, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_asks_the_database()
    {
        await using var test = await TestDatabase.Create();
        var report = await new HealthStatus(test.Database, [], []).Check();
        Assert.True(report.Ok);
        Assert.Equal("ok", report.Database);
    }
}
