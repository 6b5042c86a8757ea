using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.LinuxBridge.Firewall;

/// <summary>Sets of addresses that rules refer to (<c>ipset hash:net</c>): a group's member that comes or goes changes one entry here and no rule.</summary>
internal sealed class AddressSets(NetworkCommands net, ChainNames names)
{
    /// <summary>Entries by set; null when it exists with entries not known.</summary>
    readonly Dictionary<string, HashSet<string>?> sets = [];
    readonly List<string> pending = [];
    bool loaded;

    public async Task Load(CancellationToken ct)
    {
        if (loaded) return;
        sets.Clear();
        pending.Clear();
        foreach (var name in (await net.Must(null, "ipset", ["list", "-n"], ct)).Split('\n'))
            if (names.GroupOfSet(name) is not null) sets[name] = null;
        loaded = true;
    }

    public void Forget() => loaded = false;

    /// <summary>Groups that have a set.</summary>
    public IEnumerable<Guid> Groups => sets.Keys.Select(names.GroupOfSet).OfType<Guid>();

    /// <summary>Makes sure the sets a rule refers to exist.</summary>
    public void Exists(Guid group)
    {
        foreach (var v6 in (bool[])[false, true]) Exists(names.Members(group, v6), v6);
    }

    /// <summary>Makes a group's sets hold these addresses; gives those that went.</summary>
    public IReadOnlyList<string> Set(Guid group, IReadOnlyList<string> addresses) =>
        [.. Set(names.Members(group, false), false, addresses), .. Set(names.Members(group, true), true, addresses)];

    List<string> Set(string name, bool v6, IReadOnlyList<string> addresses)
    {
        Exists(name, v6);
        var want = addresses.Where(a => a.Contains(':', StringComparison.Ordinal) == v6).SelectMany(a => Entries(a, v6)).ToHashSet();
        var have = sets[name];
        if (have is null) Replace(name, v6, want);
        have ??= want;
        var gone = have.Except(want).ToList();
        pending.AddRange(want.Except(have).Select(a => $"add {name} {a}"));
        pending.AddRange(gone.Select(a => $"del {name} {a}"));
        sets[name] = want;
        return gone;
    }

    /// <summary>Removes a group's sets; one that a rule of another group still refers to stays.</summary>
    public async Task Remove(Guid group, CancellationToken ct)
    {
        foreach (var name in (string[])[names.Members(group, false), names.Members(group, true)])
            if (sets.ContainsKey(name) && (await net.Run(null, "ipset", ["destroy", name], ct)).Ok) sets.Remove(name);
    }

    public async Task Commit(CancellationToken ct)
    {
        if (pending.Count == 0) return;
        var text = Render();
        pending.Clear();
        try { await net.Must(null, "ipset", ["-exist", "restore"], ct, text); }
        catch
        {
            loaded = false;
            throw;
        }
    }

    internal string Render() => string.Concat(pending.Select(line => line + "\n"));

    /// <summary>A set left by an earlier run is exchanged at one stroke: traffic goes on meanwhile.</summary>
    void Replace(string name, bool v6, HashSet<string> want)
    {
        var other = name[..5] + (v6 ? 'y' : 'x') + name[6..];
        pending.AddRange([$"create {other} {Type(v6)}", $"flush {other}", .. want.Select(a => $"add {other} {a}"), $"swap {other} {name}", $"destroy {other}"]);
    }

    void Exists(string name, bool v6)
    {
        if (sets.ContainsKey(name)) return;
        pending.Add($"create {name} {Type(v6)}");
        sets[name] = [];
    }

    static string Type(bool v6) => $"hash:net family {(v6 ? "inet6" : "inet")} maxelem 1048576";

    /// <summary>The set's type takes no prefix of length 0: halves instead.</summary>
    static string[] Entries(string address, bool v6) =>
        !address.EndsWith("/0", StringComparison.Ordinal) ? [Whole(address)] : v6 ? ["::/1", "8000::/1"] : ["0.0.0.0/1", "128.0.0.0/1"];

    static string Whole(string address) => address.EndsWith("/32", StringComparison.Ordinal) || address.EndsWith("/128", StringComparison.Ordinal) ? address[..address.IndexOf('/', StringComparison.Ordinal)] : address;
}
