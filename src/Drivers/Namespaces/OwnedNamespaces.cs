using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Namespaces;

/// <summary>
/// Named network namespaces of this cloud. The mark is the alias of the namespace's <c>lo</c>; a file written before the namespace
/// is made tells, after a crash between the two, that an unmarked one is ours too.
/// </summary>
/// <param name="folder">Where those files are kept.</param>
public sealed class OwnedNamespaces(NetworkCommands net, OwnerMark mark, string folder)
{
    /// <summary>Makes sure it exists, is ours, has its <c>lo</c> up and was prepared: the mark is whole only after that, so a crash or a failure between makes it be done again.</summary>
    public async Task Ensure(string name, string kind, Guid id, Func<Task> prepare, CancellationToken ct)
    {
        var (alias, unfinished) = (mark.Alias(kind, id), Unfinished(kind, id));
        var exists = File.Exists(Path.Combine(NetworkCommands.Folder, name));
        if (exists)
        {
            switch (await Owner(name, ct))
            {
                case { } seen when seen == alias: return;
                case { } seen when seen == unfinished: break;
                case "" when File.Exists(FileOf(name)): break;
                case null:
                    // A file without a namespace behind it: what a killed `ip netns add` leaves.
                    await net.Run(null, "ip", ["netns", "del", name], ct);
                    exists = false;
                    break;
                default: throw Fault.Conflict($"The network namespace {name} exists on this host and does not belong to this cloud.");
            }
        }
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(FileOf(name), alias, ct);
        if (!exists) await net.Must(null, "ip", ["netns", "add", name], ct);
        await net.Ip(name, [$"link set dev lo alias {unfinished}", "link set dev lo up"], ct);
        await prepare();
        await net.Ip(name, [$"link set dev lo alias {alias}"], ct);
    }

    /// <summary>Removes it with all in it, if it is ours.</summary>
    public async Task Remove(string name, string kind, Guid id, CancellationToken ct)
    {
        if (File.Exists(Path.Combine(NetworkCommands.Folder, name)))
        {
            var seen = await Owner(name, ct);
            if (seen != mark.Alias(kind, id) && seen != Unfinished(kind, id) && !(string.IsNullOrEmpty(seen) && File.Exists(FileOf(name)))) return;
            // The namespace itself lives on while a process is in it; its links must go now.
            var links = await net.AllLinks(name, [], ct);
            foreach (var link in links.Where(l => l.Kind == "veth")) await net.Run(name, "ip", ["link", "del", link.Name], ct);
            await net.Must(null, "ip", ["netns", "del", name], ct);
        }
        File.Delete(FileOf(name));
    }

    /// <summary>Ids of this cloud's namespaces of a kind, whose names begin with <paramref name="prefix"/>.</summary>
    public async Task<IReadOnlyList<Guid>> Observe(string prefix, string kind, CancellationToken ct)
    {
        if (!Directory.Exists(NetworkCommands.Folder)) return [];
        var found = new List<Guid>();
        foreach (var path in Directory.EnumerateFiles(NetworkCommands.Folder, prefix + "*"))
        {
            var name = Path.GetFileName(path);
            if (!Guid.TryParse(name.AsSpan(prefix.Length), out var id)) continue;
            var alias = mark.Alias(kind, id);
            if (File.Exists(FileOf(name)) ? await File.ReadAllTextAsync(FileOf(name), ct) == alias : await Owner(name, ct) is { } seen && (seen == alias || seen == Unfinished(kind, id))) found.Add(id);
        }
        return found;
    }

    /// <summary>Null when it is no namespace, else the alias of its <c>lo</c>.</summary>
    async Task<string?> Owner(string name, CancellationToken ct) =>
        (await net.Links(name, ["lo"], ct)).GetValueOrDefault("lo")?.Alias;

    string Unfinished(string kind, Guid id) => mark.Alias(kind, id) + ":unfinished";

    string FileOf(string name) => Path.Combine(folder, name);
}
