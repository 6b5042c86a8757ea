namespace Nephos.Image.Tasks;

/// <summary>Tells a task now and then how much has been copied.</summary>
internal sealed class TaskProgress : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private readonly TaskTable _tasks;
    private readonly Guid _task;
    private readonly ITimer _timer;
    private long _copied, _told = -1;

    public TaskProgress(TaskTable tasks, Guid task)
    {
        (_tasks, _task) = (tasks, task);
        _timer = tasks.Time.CreateTimer(_ => _ = Tell(), null, Every, Every);
    }

    public void Copied(long bytes) => Volatile.Write(ref _copied, bytes);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await Tell();
    }

    // Never throws: what is not told now is told the next time.
    private async Task Tell()
    {
        var mebibytes = Volatile.Read(ref _copied) >> 20;
        if (Interlocked.Exchange(ref _told, mebibytes) == mebibytes) return;
        try { await _tasks.Tell(_task, $"Copied {mebibytes} MiB"); }
        catch (Exception) { Interlocked.Exchange(ref _told, -1); }
    }
}
