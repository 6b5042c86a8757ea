using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.Dnsmasq;

/// <summary>A dnsmasq per network, in a namespace with one end on the network's bridge. It outlives us; the next Apply finds it again.</summary>
public sealed partial class DnsmasqServer(DnsmasqOptions options, NetworkFolders folders, OwnerMark mark, NetworkCommands net, Children children, TimeProvider time, ILogger<DnsmasqServer> log) : IDhcpServer
{
    const string Kind = "dhcp", PortKind = "dhcp-port", Metadata = "169.254.169.254/32";
    const int Reload = 1;
    const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    readonly OwnedNamespaces namespaces = new(net, mark, folders.Marks);
    readonly ConcurrentDictionary<Guid, SemaphoreSlim> gates = new();

    public async Task Apply(DhcpSpec dhcp, CancellationToken ct)
    {
        var gate = gates.GetOrAdd(dhcp.Network, _ => new(1));
        await gate.WaitAsync(ct);
        try
        {
            var ns = DeviceNames.DhcpNamespace(dhcp.Network);
            await Namespace(ns, dhcp, ct);
            await Server(dhcp, ct);
        }
        finally { gate.Release(); }
    }

    public async Task Remove(Guid network, CancellationToken ct)
    {
        var gate = gates.GetOrAdd(network, _ => new(1));
        await gate.WaitAsync(ct);
        try
        {
            if (children.Find(Kind).TryGetValue(network.ToString(), out var child)) await End(child, ct);
            await namespaces.Remove(DeviceNames.DhcpNamespace(network), Kind, network, ct);
            if (Directory.Exists(FolderOf(network))) Directory.Delete(FolderOf(network), recursive: true);
        }
        finally { gate.Release(); }
    }

    public async Task<IReadOnlyList<DhcpState>> Observe(CancellationToken ct)
    {
        var living = children.Find(Kind);
        return [.. (await namespaces.Observe("qdhcp-", Kind, ct)).Select(network => new DhcpState(network, living.ContainsKey(network.ToString())))];
    }

    async Task Namespace(string ns, DhcpSpec dhcp, CancellationToken ct)
    {
        await namespaces.Ensure(ns, Kind, dhcp.Network, async () =>
        {
            await net.Run(ns, "sysctl", ["-qw", "net.ipv6.conf.default.accept_ra=0", "net.ipv6.conf.default.autoconf=0"], ct);
            // Guests that read raw frames check what a card would have filled in; none is between them and us.
            var checksums = await net.Run(ns, "iptables-restore", [], ct, "*mangle\n-A POSTROUTING -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill\nCOMMIT\n");
            if (!checksums.Ok) NoChecksums(log, checksums.Error.Trim());
        }, ct);
        var have = await Device.All(net, ns, ct);
        var inner = DeviceNames.Dhcp(dhcp.Port);
        await net.Ip(ns, [.. have.Keys.Where(name => name.StartsWith("ns-", StringComparison.Ordinal) && name != inner).Select(name => $"link del dev {name}")], ct);
        var end = new VethEnd(DeviceNames.Tap(dhcp.Port), inner, dhcp.Port, DeviceNames.Bridge(dhcp.Network), dhcp.Mac, dhcp.Mtu, dhcp.Metadata ? [.. dhcp.Addresses, Metadata] : dhcp.Addresses);
        await end.Ensure(net, ns, mark.Alias(PortKind, dhcp.Port), up: true, have, ct);
        // For name servers outside.
        if (dhcp.Subnets.FirstOrDefault(s => s.Gateway is { } g && !g.Contains(':', StringComparison.Ordinal))?.Gateway is { } gateway)
            await net.Ip(ns, [$"route replace default via {gateway} dev {inner} onlink"], ct);
    }

    async Task Server(DhcpSpec dhcp, CancellationToken ct)
    {
        var folder = FolderOf(dhcp.Network);
        Directory.CreateDirectory(folder);
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(folder, Passable);
        // It reads them as nobody; without them it would run and know no host.
        if (ClosedAbove(folder) is { } closed)
            throw Fault.Unavailable($"dnsmasq, which runs as the user nobody, cannot reach its files: {closed} is closed to others (chmod o+x {closed}).");
        var child = children.Find(Kind).GetValueOrDefault(dhcp.Network.ToString());
        var hosts = DnsmasqFiles.Hosts(dhcp);
        var leases = new Leases(await Read(folder, DnsmasqArguments.Leases, ct), await Read(folder, DnsmasqArguments.Hosts, ct), hosts);
        if (child is not null) await Release(leases, dhcp, ct);
        var changed = await Write(folder, DnsmasqArguments.Hosts, hosts, ct);
        changed |= await Write(folder, DnsmasqArguments.Names, DnsmasqFiles.Names(dhcp), ct);
        changed |= await Write(folder, DnsmasqArguments.Options, DnsmasqFiles.Options(dhcp), ct);

        var wanted = DnsmasqArguments.For(dhcp, options, folder);
        if (child is not null && CommandLine.EndsWith(child.Pid, wanted))
        {
            if (!changed) return;
            child.Signal(Reload);
            // It once ended on a reload: then it is started again like one that was killed.
            if (!await child.Ended(TimeSpan.FromMilliseconds(30), time, ct)) return;
            child = null;
        }
        if (child is not null) await End(child, ct);
        if (dhcp.Subnets.Count == 0) return;
        if (leases.Kept is { } kept) await Write(folder, DnsmasqArguments.Leases, kept, ct);
        var line = net.Inside(DeviceNames.DhcpNamespace(dhcp.Network), "dnsmasq", wanted);
        var fresh = children.Start(Kind, dhcp.Network, line[0], [.. line.Skip(1)], Path.Combine(folder, "log"));
        // A wrong line in a file ends it within milliseconds; say so instead of reporting a server.
        if (await fresh.Ended(TimeSpan.FromMilliseconds(100), time, ct))
            throw new IOException($"dnsmasq of network {dhcp.Network} ended at once: {(await File.ReadAllLinesAsync(Path.Combine(folder, "log"), ct)).LastOrDefault()}");
    }

    async Task Release(Leases leases, DhcpSpec dhcp, CancellationToken ct)
    {
        foreach (var (program, arguments) in leases.Releases(DeviceNames.Dhcp(dhcp.Port)))
            await net.Must(DeviceNames.DhcpNamespace(dhcp.Network), program, arguments, ct);
    }

    async Task End(Child child, CancellationToken ct)
    {
        child.Terminate();
        if (await child.Ended(TimeSpan.FromSeconds(2), time, ct)) return;
        child.Kill();
        await child.Ended(TimeSpan.FromSeconds(2), time, ct);
    }

    /// <summary>Replaces a file at one stroke, readable by dnsmasq's user; true when it differs from before.</summary>
    static async Task<bool> Write(string folder, string name, string text, CancellationToken ct)
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path) && await File.ReadAllTextAsync(path, ct) == text) return false;
        await File.WriteAllTextAsync(path + ".new", text, ct);
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(path + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(path + ".new", path, overwrite: true);
        return true;
    }

    static async Task<string> Read(string folder, string name, CancellationToken ct) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? await File.ReadAllTextAsync(path, ct) : "";

    static string? ClosedAbove(string folder)
    {
        if (!OperatingSystem.IsLinux()) return null;
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if ((at.UnixFileMode & UnixFileMode.OtherExecute) == 0) return at.FullName;
        return null;
    }

    string FolderOf(Guid network) => Path.Combine(folders.Run, "dhcp", network.ToString());

    [LoggerMessage(1, LogLevel.Information, "This kernel cannot fill in checksums of DHCP answers: {Error}")]
    static partial void NoChecksums(ILogger log, string error);
}
