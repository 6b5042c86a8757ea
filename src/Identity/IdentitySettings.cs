using System.Text.RegularExpressions;
using Nephos.Contracts;
using Nephos.Kernel.Settings;

namespace Nephos.Identity;

/// <summary>What operators may decide in <c>identity.conf</c>, under upstream's names.</summary>
public static class IdentitySettings
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);

    /// <summary>All of them.</summary>
    public static SettingList<IdentityOptions> List { get; } = new SettingList<IdentityOptions>("identity", new IdentityOptions { StateKey = new Secret("") })
        .Number("DEFAULT", "max_project_tree_depth", "Depth of the tree of projects below a domain.", 1, o => o.MaxProjectDepth, (o, v) => o with { MaxProjectDepth = v })
        .Text("DEFAULT", "admin_token", "A token that makes its bearer an administrator of identity, to fill an empty one; none by default, and best removed afterwards.", _ => null,
            (o, v) => o with { AdminToken = v.Length > 0 ? new Secret(v) : null })
        .Number("identity", "max_password_length", "Longest password in characters.", 1, o => o.MaxPasswordLength, (o, v) => o with { MaxPasswordLength = v }, max: 4096)
        .Number("identity", "password_hash_rounds", "Rounds of PBKDF2-SHA512 for a password; those made with others are made again at the next login.", 1000, o => o.PasswordIterations, (o, v) => o with { PasswordIterations = v })
        .Choice("token", "provider", "fernet: short tokens that only this cloud can read. jws: signed JSON (ES256), longer, and readable by whoever holds one. Tokens made before a change stay good.", ["fernet", "jws"],
            o => o.JwsTokens ? "jws" : "fernet", (o, v) => o with { JwsTokens = v == "jws" })
        .Seconds("token", "expiration", "Seconds a token lives.", 1, o => o.TokenLifetime, (o, v) => o with { TokenLifetime = v })
        .Seconds("token", "allow_expired_window", "Seconds after its end for which a token shows itself to services that ask with allow_expired.", 0, o => o.ExpiredWindow, (o, v) => o with { ExpiredWindow = v })
        .Seconds("receipt", "expiration", "Seconds somebody has to prove the next factor.", 0, o => o.ReceiptLifetime, (o, v) => o with { ReceiptLifetime = v })
        .Number("totp", "included_previous_windows", "How many one-time codes before the present one count too.", 0, o => o.OneTimeCodesBefore, (o, v) => o with { OneTimeCodesBefore = v }, max: 10)
        .Number("credential", "auth_ttl", "Minutes for which a signature with EC2 keys counts.", 1, o => (int)o.SignatureLifetime.TotalMinutes, (o, v) => o with { SignatureLifetime = TimeSpan.FromMinutes(v) })
        .Choice("unified_limit", "enforcement_model", "strict_two_level: what a domain may use bounds what each of its projects may, and no project stands below another.", ["flat", "strict_two_level"],
            o => o.StrictLimits ? "strict_two_level" : "flat", (o, v) => o with { StrictLimits = v != "flat" })
        .Number("trust", "max_redelegation_count", "How often a trust may be handed on.", 0, o => o.MaxRedelegationCount, (o, v) => o with { MaxRedelegationCount = v })
        .Seconds("oauth1", "request_token_duration", "Seconds users have to answer an OAuth consumer's request; 0 is for ever.", 0, o => o.RequestTokenLifetime, (o, v) => o with { RequestTokenLifetime = v })
        .Seconds("oauth1", "access_token_duration", "Seconds a consumer may use a user's leave; 0 is for ever.", 0, o => o.AccessTokenLifetime, (o, v) => o with { AccessTokenLifetime = v })
        .Number("audit", "retention_days", "Days for which the audit is kept; 0 is for ever.", 0, o => (int)o.AuditKept.TotalDays, (o, v) => o with { AuditKept = TimeSpan.FromDays(v) }, max: 36500)
        .Number("security_compliance", "disable_user_account_days_inactive", "Days without a login after which a user is disabled.", 1, o => o.Compliance.InactiveDays, (o, v) => o.With(c => c with { InactiveDays = v }))
        .Number("security_compliance", "lockout_failure_attempts", "Failed logins after which an account is locked.", 1, o => o.Compliance.LockoutFailureAttempts, (o, v) => o.With(c => c with { LockoutFailureAttempts = v }))
        .Seconds("security_compliance", "lockout_duration", "Seconds for which it is locked.", 1, o => o.Compliance.LockoutDuration, (o, v) => o.With(c => c with { LockoutDuration = v }))
        .Number("security_compliance", "password_expires_days", "Days after which a password must be changed.", 1, o => o.Compliance.PasswordExpiresDays, (o, v) => o.With(c => c with { PasswordExpiresDays = v }))
        .Number("security_compliance", "unique_last_password_count", "How many passwords, the new one included, must differ; 0 for no such rule.", 0, o => o.Compliance.UniqueLastPasswordCount, (o, v) => o.With(c => c with { UniqueLastPasswordCount = v }))
        .Number("security_compliance", "minimum_password_age", "Days for which users must keep a password they chose.", 0, o => o.Compliance.MinimumPasswordAge, (o, v) => o.With(c => c with { MinimumPasswordAge = v }))
        .Text("security_compliance", "password_regex", "What passwords must match from their start.", _ => null, (o, v) => o.With(c => c with { PasswordRegexText = v, PasswordRegex = Pattern(v) }))
        .Text("security_compliance", "password_regex_description", "The same for people: what they are told when a password does not match.", _ => null, (o, v) => o.With(c => c with { PasswordRegexDescription = v }))
        .Flag("security_compliance", "change_password_upon_first_use", "Whoever got a password from an administrator must change it before anything else.", o => o.Compliance.ChangePasswordUponFirstUse, (o, v) => o.With(c => c with { ChangePasswordUponFirstUse = v }));

    /// <summary>A pattern for passwords, anchored at the start as upstream's is.</summary>
    internal static Regex Pattern(string text)
    {
        try { return new($@"\A(?:{text})", RegexOptions.CultureInvariant, PatternTime); }
        catch (ArgumentException e) { throw new FormatException($"a regular expression ({e.Message})"); }
    }

    private static IdentityOptions With(this IdentityOptions options, Func<SecurityComplianceOptions, SecurityComplianceOptions> change) => options with { Compliance = change(options.Compliance) };
}
