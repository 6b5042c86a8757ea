using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Nephos.Kernel;

/// <summary>
/// Patterns that we or the operator wrote, against texts that anybody sent. Matching is linear in the text where the pattern allows it
/// (those with look-around are ours); a limit in time would refuse good texts on a busy machine.
/// </summary>
internal static class Pattern
{
    private static readonly ConcurrentDictionary<string, Regex> Known = new(StringComparer.Ordinal);

    /// <summary>True if the pattern is found in the text. As in Python, <c>$</c> matches before a final line feed too.</summary>
    public static bool Matches(string pattern, string text) => Known.GetOrAdd(pattern, Compile).IsMatch(text);

    private static Regex Compile(string pattern)
    {
        try { return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking); }
        catch (NotSupportedException) { return new Regex(pattern, RegexOptions.CultureInvariant); }
    }
}
