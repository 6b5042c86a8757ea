using System.Globalization;

namespace Nephos.Cli;

/// <summary>How far a transfer is, in one line that is written again and again; nothing where nobody looks at a terminal.</summary>
sealed class ProgressBar(TextWriter screen, bool shown, long? total, TimeProvider time)
{
    const int Width = 30;
    static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);
    readonly long began = time.GetTimestamp();
    long told;

    /// <summary>So many bytes have come.</summary>
    public void At(long bytes)
    {
        if (!shown || told > 0 && time.GetElapsedTime(told) < Every && bytes != total) return;
        told = time.GetTimestamp();
        screen.Write('\r' + Line(bytes, total, time.GetElapsedTime(began)));
    }

    /// <summary>Leaves the line.</summary>
    public void Done()
    {
        if (shown && told > 0) screen.WriteLine();
    }

    internal static string Line(long bytes, long? total, TimeSpan took)
    {
        var speed = took > TimeSpan.Zero ? bytes / took.TotalSeconds / (1 << 20) : 0;
        var done = string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20),9:0.0} MiB {speed,7:0.0} MiB/s");
        if (total is not > 0) return done;
        var filled = (int)(Width * Math.Min(bytes, total.Value) / total.Value);
        return string.Create(CultureInfo.InvariantCulture, $"[{new string('#', filled)}{new string('.', Width - filled)}] {100 * bytes / total.Value,3}% {done}");
    }
}
