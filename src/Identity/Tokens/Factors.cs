using System.Text.Json;
using Nephos.Identity.Users;

namespace Nephos.Identity.Tokens;

/// <summary>A user's rules of several factors (option <c>multi_factor_auth_rules</c>): one of them must be met by all of its methods.</summary>
internal static class Factors
{
    /// <summary>Methods we know; others in a rule do not count, so that a misspelt rule locks nobody out.</summary>
    public static readonly string[] Methods = ["password", "token", "application_credential", "totp", "oauth1"];

    public static bool AreMet(UserRow user, IReadOnlyCollection<string> methods)
    {
        var rules = Rules(user);
        return rules.Count == 0 || IsOff(user) || rules.Exists(rule => rule.TrueForAll(methods.Contains));
    }

    /// <summary>The rules that these methods are a beginning of.</summary>
    public static List<List<string>> Left(UserRow user, IReadOnlyCollection<string> methods) => Rules(user).FindAll(rule => rule.Exists(methods.Contains));

    private static bool IsOff(UserRow user) => user.Options.TryGetValue("multi_factor_auth_enabled", out var on) && on.ValueKind == JsonValueKind.False;

    private static List<List<string>> Rules(UserRow user) => user.Options.TryGetValue("multi_factor_auth_rules", out var rules) && rules.ValueKind == JsonValueKind.Array
        ? [.. rules.EnumerateArray().Select(r => r.EnumerateArray().Select(m => m.GetString()!).Where(Methods.Contains).Distinct().ToList()).Where(rule => rule.Count > 0)] : [];
}
