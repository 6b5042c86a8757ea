namespace Nephos.Image.Tasks;

/// <summary>Tells a task now and then how far its work is.</summary>
internal sealed class TaskProgress : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private readonly TaskTable _tasks;
    private readonly Guid _task;
    private readonly ITimer _timer;
    private string _now = "", _told = "";

    public TaskProgress(TaskTable tasks, Guid task)
    {
        (_tasks, _task) = (tasks, task);
        _timer = tasks.Time.CreateTimer(_ => _ = Tell(), null, Every, Every);
    }

    public void Copied(long bytes) => Volatile.Write(ref _now, $"Copied {bytes >> 20} MiB");

    public void Read(long bytes) => Volatile.Write(ref _now, $"Read {bytes >> 20} MiB");

    public void Unpacked(long bytes) => Volatile.Write(ref _now, $"Unpacked {bytes >> 20} MiB");

    public void Converted(int percent) => Volatile.Write(ref _now, $"Converted {percent} %");

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await Tell();
    }

    // Never throws: what is not told now is told the next time.
    private async Task Tell()
    {
        var now = Volatile.Read(ref _now);
        if (Interlocked.Exchange(ref _told, now) == now) return;
        try { await _tasks.Tell(_task, now); }
        catch (Exception) { Interlocked.Exchange(ref _told, ""); }
    }
}
