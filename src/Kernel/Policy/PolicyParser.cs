namespace Nephos.Kernel.Policy;

/// <summary>
/// Reads oslo.policy's language: <c>and</c>, <c>or</c>, <c>not</c>, parentheses, <c>@</c>, <c>!</c> and checks of the form <c>kind:match</c>.
/// <c>and</c> binds tighter than <c>or</c>. <c>http:</c> and <c>https:</c> checks are refused: a policy that calls out is a way to stop the cloud.
/// </summary>
public static class PolicyParser
{
    /// <summary>Parses one rule.</summary>
    /// <exception cref="FormatException">With what was expected and where.</exception>
    public static PolicyRule Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return new PolicyRule.Always();
        var tokens = Tokens(text);
        var at = 0;
        var rule = Or(tokens, ref at, text);
        return at == tokens.Count ? rule : throw new FormatException($"unexpected '{tokens[at]}' in \"{text}\"");
    }

    /// <summary>The old form: a list of lists, outer <c>or</c>, inner <c>and</c>.</summary>
    public static PolicyRule Parse(IEnumerable<IEnumerable<string>> lists)
    {
        var alternatives = lists.Select(inner => (PolicyRule)new PolicyRule.And([.. inner.Select(Check)])).ToList();
        return alternatives.Count == 0 ? new PolicyRule.Always() : new PolicyRule.Or(alternatives);
    }

    private static PolicyRule Or(List<string> tokens, ref int at, string text)
    {
        var parts = new List<PolicyRule> { And(tokens, ref at, text) };
        while (Takes(tokens, ref at, "or")) parts.Add(And(tokens, ref at, text));
        return parts is [var only] ? only : new PolicyRule.Or(parts);
    }

    private static PolicyRule And(List<string> tokens, ref int at, string text)
    {
        var parts = new List<PolicyRule> { Unary(tokens, ref at, text) };
        while (Takes(tokens, ref at, "and")) parts.Add(Unary(tokens, ref at, text));
        return parts is [var only] ? only : new PolicyRule.And(parts);
    }

    private static PolicyRule Unary(List<string> tokens, ref int at, string text)
    {
        if (Takes(tokens, ref at, "not")) return new PolicyRule.Not(Unary(tokens, ref at, text));
        if (Takes(tokens, ref at, "("))
        {
            var inner = Or(tokens, ref at, text);
            return Takes(tokens, ref at, ")") ? inner : throw new FormatException($"a ')' is missing in \"{text}\"");
        }
        return at < tokens.Count ? Check(tokens[at++]) : throw new FormatException($"a check is missing at the end of \"{text}\"");
    }

    private static bool Takes(List<string> tokens, ref int at, string word)
    {
        if (at >= tokens.Count || !tokens[at].Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
        at++;
        return true;
    }

    private static PolicyRule Check(string token)
    {
        switch (token)
        {
            case "@": return new PolicyRule.Always();
            case "!": return new PolicyRule.Never();
        }
        var colon = token.StartsWith('\'') || token.StartsWith('"')
            ? token.IndexOf(':', Math.Max(token.IndexOf(token[0], 1), 0))
            : token.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) throw new FormatException($"'{token}' is not a check: expected kind:match, '@' or '!'");
        var (kind, match) = (token[..colon], token[(colon + 1)..]);
        return kind switch
        {
            "role" => new PolicyRule.Role(new TargetText(match)),
            "rule" => new PolicyRule.Reference(match),
            "http" or "https" => throw new FormatException($"'{token}': remote checks are not supported"),
            "field" => FieldCheck(token, match),
            "True" or "False" or "None" => new PolicyRule.Literal(kind, new TargetText(match)),
            _ when kind[0] is '\'' or '"' => new PolicyRule.Literal(kind.Trim(kind[0]), new TargetText(match)),
            _ when char.IsAsciiDigit(kind[0]) => new PolicyRule.Literal(kind, new TargetText(match)),
            _ => new PolicyRule.Attribute(kind, new TargetText(match)),
        };
    }

    private static PolicyRule.Field FieldCheck(string token, string match)
    {
        var (colon, equals) = (match.IndexOf(':', StringComparison.Ordinal), match.IndexOf('=', StringComparison.Ordinal));
        return colon > 0 && equals > colon
            ? new PolicyRule.Field(match[(colon + 1)..equals], match[(equals + 1)..])
            : throw new FormatException($"'{token}' is not field:resource:attribute=value");
    }

    /// <summary>Words, with parentheses at their ends split off; a parenthesis inside <c>%(..)s</c> belongs to its word.</summary>
    private static List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var clean = word.TrimStart('(');
            tokens.AddRange(Enumerable.Repeat("(", word.Length - clean.Length));
            if (clean.Length == 0) continue;
            var body = clean.TrimEnd(')');
            var closes = clean.Length - body.Length;
            // '%(x)s' never ends in ')', so every trailing one is ours.
            if (body.Length > 0) tokens.Add(body);
            tokens.AddRange(Enumerable.Repeat(")", closes));
        }
        return tokens;
    }
}
