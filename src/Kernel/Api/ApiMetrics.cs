using System.Diagnostics.Metrics;

namespace Nephos.Kernel.Api;

/// <summary>Counters of the API, by service, route and status class.</summary>
public sealed class ApiMetrics : IDisposable
{
    private readonly Meter _meter = new("Nephos.Api");
    private readonly Histogram<double> _seconds;
    private readonly Counter<long> _bugs;
    private readonly TimeProvider _time;
    private long _bugCount;

    /// <summary>Makes the meters.</summary>
    public ApiMetrics(TimeProvider time)
    {
        _time = time;
        _seconds = _meter.CreateHistogram<double>("nephos_http_request_seconds", "s", "Time to answer API requests.");
        _bugs = _meter.CreateCounter<long>("nephos_http_bugs", description: "Requests that failed in a way nobody declared.");
    }

    /// <summary>Failures nobody declared so far; tests demand zero.</summary>
    public long Bugs => Interlocked.Read(ref _bugCount);

    internal long Start() => _time.GetTimestamp();

    internal void Bug()
    {
        Interlocked.Increment(ref _bugCount);
        _bugs.Add(1);
    }

    internal void Done(Call call, int status, long started) => _seconds.Record(_time.GetElapsedTime(started).TotalSeconds,
        new("service", call.Api.Type), new("route", call.Route is { } route ? $"{route.Method} {route.Pattern}" : "none"), new("status", status / 100 + "xx"));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
