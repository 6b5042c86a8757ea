using System.Threading.Channels;

namespace Nephos.Identity.Users;

/// <summary>
/// Stretches and checks passwords on threads of its own, one less than the machine has, so that a storm of logins leaves a core to
/// everything else. Beyond a bound the answer is 503.
/// </summary>
internal sealed class Passwords : IDisposable
{
    private const int MaxWaiting = 1000;
    private readonly Channel<Action> _work = Channel.CreateBounded<Action>(MaxWaiting);
    private readonly int _rounds;
    private readonly string _nobody;

    public Passwords(IdentityOptions options)
    {
        _rounds = options.PasswordIterations;
        _nobody = PasswordHash.Of("", _rounds);
        for (var i = 0; i < Math.Max(1, Environment.ProcessorCount - 1); i++)
            new Thread(Work) { IsBackground = true, Name = "passwords" }.Start();
    }

    public Task<string> Hash(string password) => Run(() => PasswordHash.Of(password, _rounds));

    /// <summary>A user who does not exist or has no password (null) costs the same and never matches.</summary>
    public async Task<bool> Check(string password, string? hash) => hash is { } known && PasswordHash.IsQuick(known)
        ? PasswordHash.Matches(password, known)
        : await Run(() => PasswordHash.Matches(password, hash ?? _nobody)) && hash is not null;

    /// <summary>True if the hash was made with the rounds in force.</summary>
    public bool IsCurrent(string hash) => PasswordHash.IsCurrent(hash, _rounds);

    private Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _work.Writer.TryWrite(() =>
        {
            try { done.SetResult(work()); }
            catch (Exception e) { done.SetException(e); }
        }) ? done.Task : throw Errors.Busy();
    }

    private void Work()
    {
        // A thread of its own may wait; nothing else runs on it.
        while (_work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            while (_work.Reader.TryRead(out var work)) work();
    }

    public void Dispose() => _work.Writer.TryComplete();
}
