using Microsoft.AspNetCore.Http;
using Nephos.Kernel.Diagnostics;

namespace Nephos.Cloud;

/// <summary><c>/healthz</c>, answered once everything is mapped, migrated and listening, and <c>/metrics</c>.</summary>
static class Health
{
    /// <summary>200 and <c>ok</c>, or 503 and why; then a line for each part that is not well.</summary>
    public static async Task WriteHealth(this HttpResponse response, HealthStatus status)
    {
        var report = await status.Check();
        response.StatusCode = report.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "text/plain";
        await response.WriteAsync((report.Ok ? "ok" : "database: " + report.Database) + "\n" + string.Concat(report.FailingLoops.Select(l => $"{l.Key}: {l.Value}\n")));
    }

    public static Task WriteMetrics(this HttpResponse response, Metrics metrics)
    {
        response.ContentType = "text/plain; version=0.0.4";
        return response.WriteAsync(metrics.Text());
    }
}
