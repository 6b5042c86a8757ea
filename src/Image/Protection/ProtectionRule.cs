using System.Text.RegularExpressions;
using Nephos.Kernel.Settings;

namespace Nephos.Image.Protection;

/// <summary>Who may do what to the properties whose names an expression finds.</summary>
/// <param name="Names">The expression.</param>
/// <param name="Allowed">Roles, or one rule, by operation: <c>create</c>, <c>read</c>, <c>update</c>, <c>delete</c>; <c>@</c> is everybody, <c>!</c> nobody.</param>
internal sealed record ProtectionRule(Regex Names, IReadOnlyDictionary<string, IReadOnlyList<string>> Allowed)
{
    private static readonly string[] Operations = ["create", "read", "update", "delete"];

    /// <summary>Reads upstream's file; the first rule that finds a name counts.</summary>
    /// <param name="lines">Its lines.</param>
    /// <param name="file">What refusals call it.</param>
    /// <param name="policies">True if it names rules instead of roles.</param>
    /// <exception cref="SettingRefused">When it cannot be.</exception>
    public static IReadOnlyList<ProtectionRule> Read(IReadOnlyList<SettingLine> lines, string file, bool policies) => [.. lines.GroupBy(l => l.Group).Select(group =>
    {
        var allowed = group.DistinctBy(l => l.Name).ToDictionary(l => l.Name, l => (IReadOnlyList<string>)l.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        if (Operations.Except(allowed.Keys).FirstOrDefault() is { } missing) throw new SettingRefused($"{file}: [{group.Key}] does not say who may {missing}");
        if (allowed.Keys.Except(Operations).FirstOrDefault() is { } other) throw new SettingRefused($"{file}: [{group.Key}] {other} is none of {string.Join(", ", Operations)}");
        foreach (var (operation, names) in allowed)
        {
            if (names.Contains("@") && names.Contains("!")) throw new SettingRefused($"{file}: [{group.Key}] {operation} allows everybody and nobody");
            if (policies && names.Count > 1) throw new SettingRefused($"{file}: [{group.Key}] {operation} names several rules; make one of them in policy/image.yaml");
        }
        try { return new ProtectionRule(new Regex(group.Key, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100)), allowed); }
        catch (ArgumentException) { throw new SettingRefused($"{file}: [{group.Key}] is no regular expression"); }
    })];
}
