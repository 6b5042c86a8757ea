using System.Globalization;

namespace Nephos.Kernel.Settings;

/// <summary>One thing that operators may decide.</summary>
/// <param name="Group">Upstream's group, if it has this setting.</param>
/// <param name="Name">Upstream's name.</param>
/// <param name="Default">As text; empty for none.</param>
/// <param name="Description">What it decides.</param>
public sealed record SettingFacts(string Group, string Name, string Default, string Description);

/// <summary>
/// What operators may decide about a service in <c>SERVICE.conf</c>, each with where it goes in the service's options. The reference of
/// settings is made from it, and whatever is not in it is refused.
/// </summary>
/// <typeparam name="T">The service's options: a record.</typeparam>
public sealed class SettingList<T>
{
    private readonly List<(SettingFacts Facts, Func<T, string, T> Set)> _settings = [];
    private readonly List<(SettingFacts Facts, Func<T, string, string, T> Set)> _named = [];
    private readonly T _defaults;

    /// <param name="service">Name of the service, and of the file.</param>
    /// <param name="defaults">The options without a file.</param>
    public SettingList(string service, T defaults) => (Service, _defaults) = (service, defaults);

    /// <summary>Name of the service, and of the file.</summary>
    public string Service { get; }

    /// <summary>Every setting in order.</summary>
    public IReadOnlyList<SettingFacts> All => [.. _settings.Select(s => s.Facts), .. _named.Select(s => s.Facts)];

    /// <summary>A text; null where it is not set.</summary>
    public SettingList<T> Text(string group, string name, string description, Func<T, string?> get, Func<T, string, T> set) => Add(group, name, description, get(_defaults) ?? "", set);

    /// <summary>Yes or no.</summary>
    public SettingList<T> Flag(string group, string name, string description, Func<T, bool> get, Func<T, bool, T> set) =>
        Add(group, name, description, get(_defaults) ? "true" : "false", (options, text) => set(options, text.ToLowerInvariant() switch
        {
            "true" or "yes" or "on" or "1" => true,
            "false" or "no" or "off" or "0" => false,
            _ => throw new FormatException("true or false"),
        }));

    /// <summary>A whole number.</summary>
    public SettingList<T> Number(string group, string name, string description, int min, Func<T, int?> get, Func<T, int, T> set, int max = int.MaxValue) =>
        Add(group, name, description, get(_defaults)?.ToString(CultureInfo.InvariantCulture) ?? "", (options, text) => set(options, Whole(text, min, max)));

    /// <summary>A time in seconds.</summary>
    public SettingList<T> Seconds(string group, string name, string description, int min, Func<T, TimeSpan> get, Func<T, TimeSpan, T> set) =>
        Number(group, name, description, min, options => (int)get(options).TotalSeconds, (options, number) => set(options, TimeSpan.FromSeconds(number)));

    /// <summary>Words between commas, in brackets or not.</summary>
    public SettingList<T> Words(string group, string name, string description, Func<T, IEnumerable<string>> get, Func<T, IReadOnlyList<string>, T> set) =>
        Add(group, name, description, string.Join(", ", get(_defaults)), (options, text) => set(options, Split(text)));

    /// <summary>A text in groups that the operator names, such as one for each of several stores; <paramref name="group"/> is what the reference calls them.</summary>
    public SettingList<T> Named(string group, string name, string description, string value, Func<T, string, string, T> set)
    {
        _named.Add((new(group, name, value, description), set));
        return this;
    }

    /// <summary>One of some words.</summary>
    public SettingList<T> Choice(string group, string name, string description, IReadOnlyList<string> words, Func<T, string> get, Func<T, string, T> set) =>
        Add(group, name, description, get(_defaults), (options, text) => words.Contains(text) ? set(options, text) : throw new FormatException("one of " + string.Join(", ", words)));

    /// <summary>The options with what a file says; <paramref name="options"/> itself if there is none.</summary>
    /// <exception cref="SettingRefused">For an unknown setting or a value that cannot be.</exception>
    public T Read(T options, string path) => Apply(options, SettingsFile.Read(path), path);

    /// <summary>The options with what lines say; <paramref name="file"/> is what refusals call them.</summary>
    public T Apply(T options, IReadOnlyList<SettingLine> lines, string file)
    {
        foreach (var line in lines)
        {
            var set = _settings.Find(s => s.Facts.Group == line.Group && s.Facts.Name == line.Name).Set ?? Named(line)
                ?? throw new SettingRefused($"{file}:{line.Line}: there is no setting {line.Name} in [{line.Group}]{Nearest(line)}; docs/generated/settings.md lists them all");
            try { options = set(options, line.Value); }
            catch (FormatException e) { throw new SettingRefused($"{file}:{line.Line}: {line.Name} must be {e.Message}, not \"{line.Value}\""); }
        }
        return options;
    }

    // A group that upstream's settings are in is nobody's name.
    private Func<T, string, T>? Named(SettingLine line) =>
        !_settings.Exists(s => s.Facts.Group == line.Group) && _named.Find(s => s.Facts.Name == line.Name).Set is { } set ? (options, value) => set(options, line.Group, value) : null;

    private static string[] Split(string text) =>
        [.. text.Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim('"', '\''))];

    private SettingList<T> Add(string group, string name, string description, string value, Func<T, string, T> set)
    {
        _settings.Add((new(group, name, value, description), set));
        return this;
    }

    private string Nearest(SettingLine line) => _settings.Find(s => s.Facts.Name == line.Name).Facts is { } elsewhere ? $", but in [{elsewhere.Group}]" : "";

    private static int Whole(string text, int min, int max) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new FormatException(max == int.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"a whole number of at least {min}") : string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"));
}
