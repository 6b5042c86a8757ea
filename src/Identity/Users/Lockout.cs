namespace Nephos.Identity.Users;

/// <summary>Locks an account for a while after too many failed logins, if the operator wants that.</summary>
internal sealed class Lockout(IdentityDb db, IdentityOptions options, FailedLoginTable failures)
{
    private readonly SecurityComplianceOptions _rules = options.Compliance;

    public async Task<bool> IsLocked(UserRow user)
    {
        if (!CountsFor(user) || await failures.Find(user.Id) is not { } failed || failed.Attempts < _rules.LockoutFailureAttempts) return false;
        if (failed.LastAt + _rules.LockoutDuration > db.Now) return true;
        await failures.Forget(user.Id);
        return false;
    }

    public Task Failed(UserRow user) => CountsFor(user) ? failures.Add(user.Id) : Task.CompletedTask;

    /// <summary>Begins to count anew.</summary>
    public Task Forgive(UserRow user) => CountsFor(user) ? failures.Forget(user.Id) : Task.CompletedTask;

    private bool CountsFor(UserRow user) => _rules.LockoutFailureAttempts is not null && !user.HasOption("ignore_lockout_failure_attempts");
}
