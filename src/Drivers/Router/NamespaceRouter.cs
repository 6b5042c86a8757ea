using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.Router;

/// <summary>A router is a network namespace with forwarding on.</summary>
public sealed partial class NamespaceRouter(NetworkFolders folders, OwnerMark mark, NetworkCommands net, Children children, TimeProvider time, ILogger<NamespaceRouter> log) : IRouter
{
    const string Kind = "router", PortKind = "router-port";

    readonly OwnedNamespaces namespaces = new(net, mark, folders.Marks);
    readonly Advertiser advertiser = new(folders, net, children, time);
    readonly ConcurrentDictionary<Guid, SemaphoreSlim> gates = new();
    /// <summary>Filter text last written, by router.</summary>
    readonly ConcurrentDictionary<Guid, string> written = new();

    public async Task Apply(RouterSpec router, CancellationToken ct)
    {
        var gate = gates.GetOrAdd(router.Id, _ => new(1));
        await gate.WaitAsync(ct);
        try
        {
            var ns = DeviceNames.RouterNamespace(router.Id);
            await namespaces.Ensure(ns, Kind, router.Id, async () =>
            {
                written.TryRemove(router.Id, out _);
                await net.Must(ns, "sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
                    "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2"], ct);
                await net.Run(ns, "sysctl", ["-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_ra=0"], ct);
            }, ct);
            // Rules come before the ways they guard.
            await Filter(ns, router, ct);
            await Devices(ns, router, ct);
            if (router.AdminUp) await Routes(ns, router, ct);
            await advertiser.Apply(router, ct);
        }
        finally { gate.Release(); }
    }

    public async Task Remove(Guid router, CancellationToken ct)
    {
        var gate = gates.GetOrAdd(router, _ => new(1));
        await gate.WaitAsync(ct);
        try
        {
            await advertiser.Remove(router, ct);
            await namespaces.Remove(DeviceNames.RouterNamespace(router), Kind, router, ct);
            written.TryRemove(router, out _);
        }
        finally { gate.Release(); }
    }

    public Task<IReadOnlyList<Guid>> Observe(CancellationToken ct) => namespaces.Observe("qrouter-", Kind, ct);

    async Task Filter(string ns, RouterSpec router, CancellationToken ct)
    {
        var text = RouterNat.V4(router);
        if (written.GetValueOrDefault(router.Id) == text) return;
        await net.Must(ns, "iptables-restore", [], ct, text);
        await net.Must(ns, "ip6tables-restore", [], ct, RouterNat.V6());
        written[router.Id] = text;
    }

    async Task Devices(string ns, RouterSpec router, CancellationToken ct)
    {
        var have = await Device.All(net, ns, ct);
        var ends = Ends(router).ToList();
        await net.Ip(ns, [.. have.Keys.Where(name => name.StartsWith('q') && ends.All(e => e.Inner != name)).Select(name => $"link del dev {name}")], ct);
        foreach (var end in ends)
        {
            var (fresh, gone) = await end.Ensure(net, ns, mark.Alias(PortKind, end.Port), router.AdminUp, have, ct);
            foreach (var address in gone.Where(a => a.EndsWith("/32", StringComparison.Ordinal)).Select(a => a[..^3]))
            {
                // Connections through a floating address that is gone must not go on.
                await net.Run(ns, "conntrack", ["-D", "-f", "ipv4", "-d", address], ct);
                await net.Run(ns, "conntrack", ["-D", "-f", "ipv4", "-q", address], ct);
            }
            if (router.AdminUp) Announce(ns, end.Inner, fresh);
        }
    }

    static IEnumerable<VethEnd> Ends(RouterSpec router)
    {
        foreach (var i in router.Interfaces)
            yield return new(DeviceNames.Tap(i.Port), DeviceNames.RouterInside(i.Port), i.Port, DeviceNames.Bridge(i.Network), i.Mac, i.Mtu, i.Addresses);
        if (router.Gateway is { } g)
            yield return new(DeviceNames.Tap(g.Port), DeviceNames.RouterOutside(g.Port), g.Port, DeviceNames.Bridge(g.Network), g.Mac, g.Mtu,
                [.. g.Addresses, .. router.Floating.Select(f => f.Floating + "/32")]);
    }

    /// <summary>Tells the neighbours who has an address now; another device may have had it. Nobody waits for this.</summary>
    void Announce(string ns, string device, IReadOnlyList<string> addresses)
    {
        foreach (var address in addresses.Where(a => !a.Contains(':', StringComparison.Ordinal)))
            _ = Task.Run(async () =>
            {
                try { await net.Run(ns, "arping", ["-q", "-U", "-I", device, "-c", "3", "-w", "4", address.Split('/')[0]], CancellationToken.None); }
                catch (CommandFailed e) { NotAnnounced(log, address, e.Message); }
            });
    }

    async Task Routes(string ns, RouterSpec router, CancellationToken ct)
    {
        var outside = router.Gateway is { } gateway ? DeviceNames.RouterOutside(gateway.Port) : "";
        var wanted = (router.Gateway?.NextHops ?? []).Select(hop => (Destination: "default", NextHop: hop, Via: $"{hop} dev {outside} onlink"))
            .Concat(router.Routes.Select(r => (Destination: Normal(r.Destination), r.NextHop, Via: r.NextHop))).ToList();
        foreach (var v6 in (bool[])[false, true])
        {
            var have = await StaticRoutes(ns, v6, ct);
            var want = wanted.Where(r => r.NextHop.Contains(':', StringComparison.Ordinal) == v6).ToList();
            string[] lines =
            [
                .. have.Where(h => !want.Any(w => (w.Destination, w.NextHop) == h)).Select(h => $"route del {h.Destination} via {h.NextHop} proto static"),
                .. want.Where(w => !have.Contains((w.Destination, w.NextHop))).Select(w => $"route replace {w.Destination} via {w.Via} proto static"),
            ];
            if (lines.Length == 0) continue;
            // One impossible route must not keep the others away.
            var result = await net.Run(ns, "ip", [v6 ? "-6" : "-4", "-force", "-batch", "-"], ct, string.Join('\n', lines) + "\n");
            if (!result.Ok) RouteRefused(log, router.Id, result.Error.Trim());
        }
    }

    async Task<HashSet<(string Destination, string NextHop)>> StaticRoutes(string ns, bool v6, CancellationToken ct)
    {
        using var document = JsonDocument.Parse(await net.Must(ns, "ip", [v6 ? "-6" : "-4", "-j", "route", "show", "proto", "static"], ct) is { Length: > 0 } json ? json : "[]");
        return [.. document.RootElement.EnumerateArray().Where(r => r.TryGetProperty("gateway", out _)).Select(r => (r.GetProperty("dst").GetString()!, r.GetProperty("gateway").GetString()!))];
    }

    /// <summary>As <c>ip</c> prints it.</summary>
    static string Normal(string destination) => destination switch
    {
        "0.0.0.0/0" or "::/0" => "default",
        _ when destination.EndsWith("/32", StringComparison.Ordinal) => destination[..^3],
        _ when destination.EndsWith("/128", StringComparison.Ordinal) => destination[..^4],
        _ => destination,
    };

    [LoggerMessage(1, LogLevel.Warning, "A route of router {Router} was refused: {Error}")]
    static partial void RouteRefused(ILogger log, Guid router, string error);

    [LoggerMessage(2, LogLevel.Debug, "Address {Address} was not announced: {Error}")]
    static partial void NotAnnounced(ILogger log, string address, string error);
}
