using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.LinuxBridge;
using Nephos.Drivers.Namespaces;

namespace Nephos.Reset;

/// <summary>
/// Finds everything on this host that carries one cloud's mark and removes it: processes by their environment, namespaces by the alias of their
/// <c>lo</c>, links by their alias, rules by their prefix. Names alone never count: other clouds use the same ones.
/// </summary>
sealed class Sweep(Commands commands, OwnerMark mark, LinuxBridgeOptions bridges, string? hostNamespace)
{
    readonly NetworkCommands net = new(commands, hostNamespace);

    public async Task Run(CancellationToken ct)
    {
        Processes();
        await new Cgroups(mark, NullLoggerFactory.Instance).RemoveAll(TimeProvider.System, ct);
        await Namespaces(ct);
        using (var bridge = new LinuxBridgeSwitch(bridges, mark, net, NullLogger<LinuxBridgeSwitch>.Instance)) await bridge.Clear(ct);
        // The drivers' own clearing knows what they made last; what an earlier release or a crash left goes by its alias.
        foreach (var link in (await net.AllLinks(null, [], ct)).Where(l => l.Alias?.StartsWith(Alias, StringComparison.Ordinal) == true))
            await net.Run(null, "ip", ["link", "delete", "dev", link.Name], ct);
    }

    string Alias => $"nephos:{mark.Cloud}:";

    void Processes()
    {
        foreach (var child in new Children(mark, NullLoggerFactory.Instance).All()) child.Kill();
    }

    async Task Namespaces(CancellationToken ct)
    {
        if (!Directory.Exists(NetworkCommands.Folder)) return;
        foreach (var name in Directory.EnumerateFiles(NetworkCommands.Folder).Select(f => Path.GetFileName(f)))
            if (name != hostNamespace && (await net.Links(name, ["lo"], ct)).GetValueOrDefault("lo")?.Alias?.StartsWith(Alias, StringComparison.Ordinal) == true)
                await net.Run(null, "ip", ["netns", "delete", name], ct);
    }
}
