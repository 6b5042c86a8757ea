namespace Nephos.Kernel.Settings;

/// <summary>One line of an operator's file.</summary>
/// <param name="Group">The group in brackets above it; <c>DEFAULT</c> without one.</param>
/// <param name="Name">Left of the equals sign.</param>
/// <param name="Value">Right of it.</param>
/// <param name="Line">Where it stands, from 1.</param>
public sealed record SettingLine(string Group, string Name, string Value, int Line);

/// <summary>A file of settings as upstream's services have them: <c>[group]</c>, <c>name = value</c>, comments behind <c>#</c> or <c>;</c> at the start of a line.</summary>
public static class SettingsFile
{
    /// <summary>Every setting in order; none if there is no file.</summary>
    /// <exception cref="SettingRefused">For a line that is nothing of the kind.</exception>
    public static IReadOnlyList<SettingLine> Read(string path) => File.Exists(path) ? Parse(File.ReadAllLines(path), path) : [];

    /// <summary>Reads lines; <paramref name="name"/> is what refusals call the file.</summary>
    public static IReadOnlyList<SettingLine> Parse(IReadOnlyList<string> lines, string name)
    {
        var (group, settings) = ("DEFAULT", new List<SettingLine>());
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] is '#' or ';') continue;
            if (line[0] == '[' && line[^1] == ']') group = line[1..^1].Trim();
            else if (line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0) settings.Add(new(group, line[..equals].Trim(), Unquoted(line[(equals + 1)..].Trim()), i + 1));
            else throw new SettingRefused($"{name}:{i + 1}: \"{line}\" is neither a [group] nor name = value");
        }
        return settings;
    }

    private static string Unquoted(string value) => value.Length > 1 && value[0] == value[^1] && value[0] is '"' or '\'' ? value[1..^1] : value;
}

/// <summary>A setting that cannot be; the text names file, line, what was expected and what was found.</summary>
public sealed class SettingRefused(string message) : Exception(message);
