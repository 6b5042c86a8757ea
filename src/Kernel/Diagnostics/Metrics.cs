using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Nephos.Kernel.Diagnostics;

/// <summary>Keeps what the meters of Nephos measure, and writes it as Prometheus text for <c>/metrics</c>. One per process, from its start.</summary>
public sealed class Metrics : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, Family> families = new();

    /// <summary>Begins to listen.</summary>
    public Metrics()
    {
        listener.InstrumentPublished = (instrument, from) =>
        {
            if (instrument.Meter.Name.StartsWith("Nephos.", StringComparison.Ordinal))
            {
                from.EnableMeasurementEvents(instrument, families.GetOrAdd(instrument, i => new Family(i)));
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, family) => ((Family)family!).Add(value, tags));
        listener.Start();
    }

    /// <summary>Everything measured so far, and what the process itself uses.</summary>
    public string Text()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in families.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            family.Write(text);
        }
        WriteProcess(text);
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private static void WriteProcess(StringBuilder text)
    {
        using var self = Process.GetCurrentProcess();
        text.Append("# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes ").Append(self.WorkingSet64)
            .Append("\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ").Append(self.TotalProcessorTime.TotalSeconds.ToString(CultureInfo.InvariantCulture))
            .Append("\n# TYPE process_threads gauge\nprocess_threads ").Append(self.Threads.Count)
            .Append("\n# TYPE dotnet_heap_bytes gauge\ndotnet_heap_bytes ").Append(GC.GetTotalMemory(forceFullCollection: false)).Append('\n');
    }
}

/// <summary>One instrument with its series.</summary>
internal sealed class Family(Instrument instrument)
{
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ConcurrentDictionary<long, Series> series = new();
    private readonly bool histogram = instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal);
    private readonly bool counter = instrument.GetType().Name.StartsWith("Counter", StringComparison.Ordinal) || instrument.GetType().Name.StartsWith("ObservableCounter", StringComparison.Ordinal);

    public string Name => instrument.Name + (counter && !instrument.Name.EndsWith("_total", StringComparison.Ordinal) ? "_total" : "");

    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Measuring must not allocate: series are found by a hash of their tags.
        var key = new HashCode();
        foreach (var tag in tags)
        {
            key.Add(tag.Key);
            key.Add(tag.Value);
        }
        var hash = ((long)key.ToHashCode() << 8) | (uint)tags.Length;
        if (!series.TryGetValue(hash, out var found))
        {
            found = series.GetOrAdd(hash, new Series(Labels(tags), histogram ? Bounds.Length + 1 : 0));
        }
        if (histogram)
        {
            found.Observe(value, Bounds);
        }
        else
        {
            found.Change(value, replace: instrument.IsObservable || instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal));
        }
    }

    public void Write(StringBuilder text)
    {
        if (instrument.Description is { } help)
        {
            text.Append("# HELP ").Append(Name).Append(' ').Append(help).Append('\n');
        }
        text.Append("# TYPE ").Append(Name).Append(histogram ? " histogram\n" : counter ? " counter\n" : " gauge\n");
        foreach (var one in series.Values.OrderBy(s => s.Labels, StringComparer.Ordinal))
        {
            one.Write(text, Name, Bounds);
        }
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(name).Append("=\"")
                .Append((Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }
        return text.ToString();
    }

    private sealed class Series(string labels, int buckets)
    {
        private readonly Lock guard = new();
        private readonly long[] counts = new long[buckets];
        private double sum;

        public string Labels => labels;

        public void Change(double value, bool replace)
        {
            lock (guard)
            {
                sum = replace ? value : sum + value;
            }
        }

        public void Observe(double value, double[] bounds)
        {
            var at = Array.BinarySearch(bounds, value);
            lock (guard)
            {
                counts[at < 0 ? ~at : at]++;
                sum += value;
            }
        }

        public void Write(StringBuilder text, string name, double[] bounds)
        {
            lock (guard)
            {
                if (buckets == 0)
                {
                    Line(text, name, labels, sum);
                    return;
                }
                var total = 0L;
                for (var i = 0; i < counts.Length; i++)
                {
                    total += counts[i];
                    var bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    Line(text, name + "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", total);
                }
                Line(text, name + "_sum", labels, sum);
                Line(text, name + "_count", labels, total);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
            {
                text.Append('{').Append(labels).Append('}');
            }
            text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }
    }
}
