namespace Nephos.Cloud;

/// <summary>
/// The deprecated default of every upstream rule that has one, rules that refer to such, and those they refer to (<c>LegacyRules/SERVICE.tsv</c>:
/// name, rule), for clouds whose users count on them: <c>--policy-defaults legacy</c>.
/// </summary>
static class LegacyRules
{
    public static IReadOnlyDictionary<string, string> Of(string service)
    {
        using var stream = typeof(LegacyRules).Assembly.GetManifestResourceStream($"legacy-rules/{service}.tsv");
        if (stream is null) return new Dictionary<string, string>();
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).ToDictionary(l => l[0], l => l[1], StringComparer.Ordinal);
    }
}
