using System.Text.RegularExpressions;

namespace Nephos.Identity;

/// <summary>What auditors ask for about passwords and accounts; all off by default, as upstream.</summary>
public sealed record SecurityComplianceOptions
{
    /// <summary>Days without a login after which a user is disabled.</summary>
    public int? InactiveDays { get; init; }

    /// <summary>Failed logins after which an account is locked.</summary>
    public int? LockoutFailureAttempts { get; init; }

    /// <summary>How long it is locked.</summary>
    public TimeSpan LockoutDuration { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Days after which a password must be changed.</summary>
    public int? PasswordExpiresDays { get; init; }

    /// <summary>How many passwords, the new one included, must differ; 0 for no such rule.</summary>
    public int UniqueLastPasswordCount { get; init; }

    /// <summary>Days for which users must keep a password they chose.</summary>
    public int MinimumPasswordAge { get; init; }

    /// <summary>What passwords must match from their start, as the operator wrote it.</summary>
    public string? PasswordRegexText { get; init; }

    /// <summary>The same, compiled.</summary>
    public Regex? PasswordRegex { get; init; }

    /// <summary>The same for people.</summary>
    public string? PasswordRegexDescription { get; init; }

    /// <summary>True: whoever got a password from an administrator must change it first.</summary>
    public bool ChangePasswordUponFirstUse { get; init; }
}
