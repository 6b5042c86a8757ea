namespace Nephos.Identity.Shared;

/// <summary>Something loaded at its first use, by one of those who want it; a load that failed is tried again by the next.</summary>
internal sealed class Once<T>(Func<Task<T>> load)
{
    private readonly Lock _gate = new();
    private Task<T>? _task;

    public Task<T> Value
    {
        get
        {
            if (Volatile.Read(ref _task) is { IsFaulted: false, IsCanceled: false } task) return task;
            lock (_gate)
            {
                if (_task is null or { IsFaulted: true } or { IsCanceled: true }) Volatile.Write(ref _task, load());
                return _task!;
            }
        }
    }
}
