using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.Router;

/// <summary>
/// Router advertisements for IPv6, by a dnsmasq in the router's namespace: the advertising address must be the router's, so the
/// network's DHCP server cannot do it, and dnsmasq is there already.
/// </summary>
internal sealed class Advertiser(NetworkFolders folders, NetworkCommands net, Children children, TimeProvider time)
{
    const string Kind = "router-ra";

    public async Task Apply(RouterSpec router, CancellationToken ct)
    {
        var wanted = router.AdminUp ? Arguments(router) : [];
        var child = children.Find(Kind).GetValueOrDefault(router.Id.ToString());
        if (child is not null)
        {
            if (wanted.Count > 0 && CommandLine.EndsWith(child.Pid, wanted)) return;
            await End(child, ct);
        }
        if (wanted.Count == 0) return;
        Directory.CreateDirectory(folders.Run);
        var line = net.Inside(DeviceNames.RouterNamespace(router.Id), "dnsmasq", wanted);
        children.Start(Kind, router.Id, line[0], [.. line.Skip(1)], Path.Combine(folders.Run, $"ra-{router.Id}.log"));
    }

    public async Task Remove(Guid router, CancellationToken ct)
    {
        if (children.Find(Kind).TryGetValue(router.ToString(), out var child)) await End(child, ct);
        var log = Path.Combine(folders.Run, $"ra-{router}.log");
        if (File.Exists(log)) File.Delete(log);
    }

    /// <summary>What dnsmasq is told; empty when nothing is to be advertised.</summary>
    internal static IReadOnlyList<string> Arguments(RouterSpec router)
    {
        var interfaces = router.Interfaces.Where(i => i.RaMode is not null).ToList();
        if (interfaces.Count == 0) return [];
        return
        [
            "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--no-hosts", "--no-resolv", "--pid-file", "--leasefile-ro", "--user=nobody", "--enable-ra", "--bind-dynamic",
            .. interfaces.SelectMany(i =>
            {
                var device = DeviceNames.RouterInside(i.Port);
                var mode = i.RaMode switch { "slaac" => "ra-only", "dhcpv6-stateless" => "ra-stateless", _ => "static" };
                return (string[])[$"--interface={device}", $"--dhcp-range=::,constructor:{device},{mode},64", $"--ra-param={device},mtu:{i.Mtu},30"];
            }),
        ];
    }

    async Task End(Child child, CancellationToken ct)
    {
        child.Terminate();
        if (!await child.Ended(TimeSpan.FromSeconds(2), time, ct)) child.Kill();
    }
}
