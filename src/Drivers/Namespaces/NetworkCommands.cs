using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Namespaces;

/// <summary>
/// Runs network tools in this host's namespace or in a named one. The host's is the one this process lives in, unless a name is
/// given: then several clouds, or tests, each have a "host" of their own.
/// </summary>
/// <param name="host">Name of the namespace that plays the host; null for our own.</param>
public sealed class NetworkCommands(Commands commands, string? host = null)
{
    /// <summary>Where named namespaces are.</summary>
    public const string Folder = "/run/netns";

    /// <summary>Arguments that make a program run in the namespace, the program's name first.</summary>
    public IReadOnlyList<string> Inside(string? ns, string program, IReadOnlyList<string> arguments) =>
        // nsenter, since `ip netns exec` makes a mount namespace in which a new namespace would be lost at once.
        (ns ?? host) is { } name ? ["nsenter", $"--net={Folder}/{name}", program, .. arguments] : [program, .. arguments];

    /// <summary>Runs a program; an exit code other than 0 is an answer.</summary>
    public Task<CommandResult> Run(string? ns, string program, IReadOnlyList<string> arguments, CancellationToken ct, string? input = null) =>
        commands.Run(Make(ns, program, arguments, input), ct);

    /// <summary>Runs a program that must succeed, and gives its output.</summary>
    public Task<string> Must(string? ns, string program, IReadOnlyList<string> arguments, CancellationToken ct, string? input = null) =>
        commands.Must(Make(ns, program, arguments, input), ct);

    /// <summary>Runs lines of <c>ip</c> in one process; stops at the first that fails. No lines, no process.</summary>
    public async Task Ip(string? ns, IReadOnlyCollection<string> lines, CancellationToken ct)
    {
        if (lines.Count > 0) await Must(ns, "ip", ["-batch", "-"], ct, string.Join('\n', lines) + "\n");
    }

    /// <summary>The named links that exist, in one process; the cost does not depend on the other links of the host.</summary>
    public async Task<IReadOnlyDictionary<string, Link>> Links(string? ns, IReadOnlyCollection<string> names, CancellationToken ct)
    {
        if (names.Count == 0) return new Dictionary<string, Link>();
        var result = await Run(ns, "ip", ["-j", "-d", "-force", "-batch", "-"], ct, string.Concat(names.Distinct().Select(n => $"link show dev {n}\n")));
        return Link.Parse(result.Out).ToDictionary(l => l.Name);
    }

    /// <summary>All links that <paramref name="filter"/> (arguments of <c>ip link show</c>) selects.</summary>
    public async Task<IReadOnlyList<Link>> AllLinks(string? ns, IReadOnlyList<string> filter, CancellationToken ct) =>
        Link.Parse((await Run(ns, "ip", ["-j", "-d", "link", "show", .. filter], ct)).Out);

    Command Make(string? ns, string program, IReadOnlyList<string> arguments, string? input)
    {
        var line = Inside(ns, program, arguments);
        return new(line[0], [.. line.Skip(1)]) { Input = input, Limit = TimeSpan.FromSeconds(60), MaxOutput = 64 << 20 };
    }
}
