using System.Text;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.LinuxBridge.Firewall;

/// <summary>
/// The chains of ours in one family (<c>iptables</c>, <c>ip6tables</c> or <c>ebtables</c>). Knows what is there, collects changes and makes them
/// with one <c>-restore --noflush</c>. It reads the host's rules once; after a failure it reads them again.
/// </summary>
internal sealed class Ruleset(string program, NetworkCommands net, OwnerMark mark)
{
    /// <summary>Owned chains by table, with the text last written; null when the text is not known.</summary>
    readonly Dictionary<(string Table, string Chain), string?> chains = [];
    /// <summary>Rules of the chains that are shared by many devices or belong to the host, by the device or target that tells them apart.</summary>
    readonly Dictionary<(string Table, string Chain, string Key), HashSet<string>> shared = [];
    readonly Dictionary<(string Table, string Chain), int> sizes = [];
    readonly Dictionary<string, string> labels = [];
    readonly SortedDictionary<string, Pending> pending = new(StringComparer.Ordinal);
    bool loaded;

    sealed class Pending
    {
        /// <summary>Chains that are written anew, in order; the last text of a chain counts.</summary>
        public readonly OrderedDictionary<string, string> Write = [];
        public readonly List<string> Delete = [], Add = [], Remove = [];
    }

    bool Bridge => program == "ebtables";

    /// <summary>Reads what is on the host, unless it is known.</summary>
    public async Task Load(CancellationToken ct)
    {
        if (loaded) return;
        var known = new Dictionary<(string, string), string?>(chains);
        sizes.Clear();
        chains.Clear();
        shared.Clear();
        labels.Clear();
        pending.Clear();
        Read(await net.Must(null, program + "-save", [], ct));
        // The tool prints rules in words of its own; that there are as many as were written shows that nobody emptied the chain.
        foreach (var (chain, text) in known)
            if (text is not null && chains.ContainsKey(chain) && sizes.GetValueOrDefault(chain) == text.Count(c => c == '\n')) chains[chain] = text;
        loaded = true;
    }

    /// <summary>Looks again next time: somebody else may have removed something.</summary>
    public void Forget() => loaded = false;

    /// <summary>Labels in our chains when they were read: the owner mark of the thing, and a hash of what was written for it.</summary>
    public IReadOnlyDictionary<string, string> Labels => labels;

    public bool Has(string table, string chain) => chains.ContainsKey((table, chain));

    /// <summary>Makes a chain hold exactly these rules.</summary>
    public void Chain(string table, string chain, IEnumerable<string> rules)
    {
        var text = string.Concat(rules.Select(rule => $"-A {chain} {rule}\n"));
        if (chains.TryGetValue((table, chain), out var known) && known == text) return;
        chains[(table, chain)] = text;
        var change = Of(table);
        change.Write[chain] = text;
        change.Remove.Remove(chain);
    }

    /// <summary>Makes sure a chain exists, without a change to its rules.</summary>
    public void Exists(string table, string chain)
    {
        if (!Has(table, chain)) Chain(table, chain, []);
    }

    /// <summary>Makes the rules of one device in a shared chain be exactly these; none removes them.</summary>
    /// <param name="first">True puts a new rule before the others.</param>
    public void Shared(string table, string chain, string key, IReadOnlyList<string> rules, bool first = false)
    {
        var have = shared.GetValueOrDefault((table, chain, key)) ?? [];
        var want = rules.Select(Canonical).ToHashSet();
        if (have.SetEquals(want)) return;
        var change = Of(table);
        // The order among the rules of one device matters, so they are all written anew.
        change.Delete.AddRange(have.Order(StringComparer.Ordinal).Select(rule => $"-D {chain} {rule}"));
        change.Add.AddRange(rules.Select(rule => first ? $"-I {chain} 1 {rule}" : $"-A {chain} {rule}"));
        if (want.Count > 0) shared[(table, chain, key)] = want;
        else shared.Remove((table, chain, key));
    }

    /// <summary>Removes a chain; the rules that lead to it must go in the same commit or before.</summary>
    public void Remove(string table, string chain)
    {
        if (!chains.Remove((table, chain))) return;
        // Written and removed in one change: it is still declared, so that there is something to remove.
        if (Of(table).Write.ContainsKey(chain)) Of(table).Write[chain] = "";
        Of(table).Remove.Add(chain);
    }

    /// <summary>Removes every chain of ours and every rule that leads to one.</summary>
    public void RemoveAll()
    {
        foreach (var (table, chain, key) in shared.Keys.ToList()) Shared(table, chain, key, []);
        foreach (var (table, chain) in chains.Keys.ToList()) Remove(table, chain);
    }

    /// <summary>Writes what was collected, if anything.</summary>
    public async Task Commit(CancellationToken ct)
    {
        var text = Render();
        pending.Clear();
        if (text.Length == 0) return;
        string[] options = Bridge ? ["--noflush"] : ["--noflush", "-w", "20"];
        try
        {
            // Somebody else's change at the same moment can make the tool fail; it makes all of a text or nothing, so it can be given again.
            if (!(await net.Run(null, program + "-restore", options, ct, text)).Ok) await net.Must(null, program + "-restore", options, ct, text);
        }
        catch
        {
            loaded = false;
            chains.Clear();
            throw;
        }
    }

    /// <summary>The text for <c>-restore</c>.</summary>
    internal string Render()
    {
        var text = new StringBuilder();
        foreach (var (table, change) in pending)
        {
            text.Append('*').Append(table).Append('\n');
            foreach (var line in Lines(change)) text.Append(line).Append('\n');
            text.Append("COMMIT\n");
        }
        return text.ToString();
    }

    IEnumerable<string> Lines(Pending change) =>
    [
        // Declaring a chain that exists empties it, in the same transaction. The bridge family ends its chains with ACCEPT unless told:
        // other clouds' chains would be passed over.
        .. change.Write.Keys.Select(chain => Bridge ? $":{chain} RETURN" : $":{chain} - [0:0]"),
        .. change.Delete,
        .. change.Write.Values.Where(text => text.Length > 0).Select(text => text.TrimEnd('\n')),
        .. change.Add,
        // All are emptied before any goes, since they lead to one another.
        .. change.Remove.Select(chain => $"-F {chain}"),
        .. change.Remove.Select(chain => $"-X {chain}"),
    ];

    /// <summary>Takes over what <c>-save</c> printed.</summary>
    internal void Read(string saved)
    {
        var table = "";
        foreach (var line in saved.Split('\n'))
        {
            if (line.StartsWith('*')) table = line[1..].Trim();
            else if (line.StartsWith(':') && line[1..].Split(' ')[0] is var declared && Ours(declared)) chains[(table, declared)] = null;
            else if (line.StartsWith("-A ", StringComparison.Ordinal)) ReadRule(table, line);
        }
    }

    void ReadRule(string table, string line)
    {
        var parts = line.Split(' ', 3);
        var (chain, rule) = (parts[1], parts[2]);
        if (Ours(chain))
        {
            if (Value(rule, "--comment")?.Trim('"').Split('/') is [var thing, var hash]) labels[thing] = hash;
            sizes[(table, chain)] = sizes.GetValueOrDefault((table, chain)) + 1;
            if (!ChainNames.IsShared(chain)) return;
        }
        else if (Value(rule, "-j") is not { } target || !Ours(target)) return;
        var key = (table, chain, Value(rule, "--physdev-out") ?? Value(rule, "--physdev-in") ?? Value(rule, "-i") ?? Value(rule, "-j") ?? "");
        if (!shared.TryGetValue(key, out var rules)) shared[key] = rules = [];
        rules.Add(Canonical(rule));
    }

    bool Ours(string chain) => chain.StartsWith(mark.Prefix + "-", StringComparison.Ordinal);

    Pending Of(string table)
    {
        if (!pending.TryGetValue(table, out var change)) pending[table] = change = new();
        return change;
    }

    static string? Value(string rule, string option)
    {
        var words = rule.Split(' ');
        var at = Array.IndexOf(words, option);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
    }

    /// <summary>The tool prints a match's options in an order of its own; this is the order used here.</summary>
    static string Canonical(string rule)
    {
        const string Bridged = " --physdev-is-bridged";
        var words = string.Join(' ', rule.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return words.Contains(Bridged, StringComparison.Ordinal)
            ? words.Replace(Bridged, "", StringComparison.Ordinal).Replace("-m physdev", "-m physdev" + Bridged, StringComparison.Ordinal)
            : words;
    }
}
