using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Nephos.Contracts;

namespace Nephos.Kernel.Data;

/// <summary>Regular expressions that users send to filter lists: short, and with little time.</summary>
internal static class UserRegex
{
    private const int MaxLength = 255;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);
    private static readonly ConcurrentDictionary<string, Regex> Cache = new(StringComparer.Ordinal);

    // Look-around and back references are refused: without them matching is linear in the text.
    public static void Check(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            throw Fault.Invalid($"A regular expression may have at most {MaxLength} characters.");
        }
        Parse(pattern);
    }

    public static bool IsMatch(string pattern, string? text)
    {
        try
        {
            return text is not null && Parse(pattern).IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static Regex Parse(string pattern)
    {
        if (Cache.TryGetValue(pattern, out var known))
        {
            return known;
        }
        if (Cache.Count > 200)
        {
            Cache.Clear();
        }
        try
        {
            return Cache[pattern] = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Limit);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Fault.Invalid($"'{pattern}' is not a regular expression.");
        }
    }
}
