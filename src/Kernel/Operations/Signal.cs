namespace Nephos.Kernel.Operations;

/// <summary>Wakes one waiter. A wake-up that comes before the wait is not lost: take <see cref="Armed"/> before looking, wait for it after.</summary>
internal sealed class Signal
{
    private volatile TaskCompletionSource current = New();

    /// <summary>Completes with the next <see cref="Set"/> from now on.</summary>
    public Task Armed()
    {
        if (current.Task.IsCompleted)
        {
            current = New();
        }
        return current.Task;
    }

    public void Set() => current.TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
