using System.Globalization;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Users;

/// <summary>The filter <c>password_expires_at=lt:2026-11-20T10:00:00Z</c>.</summary>
internal static class PasswordExpiry
{
    public static SqlText Filter(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (op, time) = colon > 0 && text[..colon].All(char.IsAsciiLetter) ? (text[..colon], text[(colon + 1)..]) : ("eq", text);
        if (!DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) throw Errors.BadTime();
        return op switch
        {
            "eq" => $"password_expires_at = {at}",
            "neq" => $"password_expires_at <> {at}",
            "lt" => $"password_expires_at < {at}",
            "lte" => $"password_expires_at <= {at}",
            "gt" => $"password_expires_at > {at}",
            "gte" => $"password_expires_at >= {at}",
            _ => throw Errors.Invalid($"The given operator {op} is not valid. It must be one of the following: 'eq', 'neq', 'lt', 'lte', 'gt', or 'gte'."),
        };
    }
}
