using System.Text.RegularExpressions;

namespace Nephos.Identity.Users;

/// <summary>What a new password must be, and what becomes of the one before.</summary>
internal sealed class NewPasswords(IdentityDb db, IdentityOptions options, Passwords passwords, OldPasswordTable old)
{
    private readonly SecurityComplianceOptions _rules = options.Compliance;

    /// <summary>The user with a password that somebody else chose (null: none at all).</summary>
    public async Task<UserRow> Given(UserRow user, string? password)
    {
        if (password is null) return user with { PasswordHash = null, PasswordExpiresAt = null, PasswordChangedAt = db.Now, PasswordSelfService = false };
        var changed = await With(user, password) with { PasswordSelfService = false };
        return _rules.ChangePasswordUponFirstUse && !user.HasOption("ignore_change_password_upon_first_use") ? changed with { PasswordExpiresAt = db.Now } : changed;
    }

    /// <summary>The user with a password that the user chose.</summary>
    public async Task<UserRow> Chosen(UserRow user, string password)
    {
        RequirePattern(password);
        if (user.HasOption("lock_password")) throw Errors.PasswordLocked();
        RequireAge(user);
        await RequireNew(user, password);
        return await With(user, password) with { PasswordSelfService = true };
    }

    /// <summary>Keeps the hash of the password before, if a later one must differ; part of the transaction that changes it.</summary>
    public Task Remember(UserRow before) => _rules.UniqueLastPasswordCount > 1 && before.PasswordHash is { } hash ? old.Add(before.Id, hash, _rules.UniqueLastPasswordCount - 1) : Task.CompletedTask;

    private async Task<UserRow> With(UserRow user, string password)
    {
        RequirePattern(password);
        if (password.Length > options.MaxPasswordLength) throw Errors.PasswordTooLong(options.MaxPasswordLength);
        var now = db.Now;
        return user with
        {
            PasswordHash = await passwords.Hash(password),
            PasswordChangedAt = now,
            PasswordExpiresAt = _rules.PasswordExpiresDays is { } days && !user.HasOption("ignore_password_expiry") ? DateTimeOffset.FromUnixTimeSeconds(now.AddDays(days).ToUnixTimeSeconds()) : null,
        };
    }

    private void RequirePattern(string password)
    {
        if (_rules.PasswordRegex is not { } pattern) return;
        bool fits;
        try { fits = pattern.IsMatch(password); }
        catch (RegexMatchTimeoutException) { fits = false; }
        if (!fits) throw Errors.PasswordRefused(_rules.PasswordRegexDescription);
    }

    private void RequireAge(UserRow user)
    {
        if (!user.PasswordSelfService || user.PasswordChangedAt is not { } changed) return;
        var left = changed.AddDays(_rules.MinimumPasswordAge) - db.Now;
        if (left > TimeSpan.Zero) throw Errors.PasswordTooYoung(_rules.MinimumPasswordAge, left.Days);
    }

    private async Task RequireNew(UserRow user, string password)
    {
        if (_rules.UniqueLastPasswordCount == 0) return;
        foreach (var hash in (string?[])[user.PasswordHash, .. await old.Newest(user.Id, _rules.UniqueLastPasswordCount - 1)])
            if (hash is not null && await passwords.Check(password, hash)) throw Errors.PasswordUsedBefore(_rules.UniqueLastPasswordCount);
    }
}
