using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.LinuxBridge;
using Nephos.Drivers.Namespaces;
using Xunit;

namespace Nephos.Drivers.Tests.Net;

/// <summary>A network namespace that plays a host of its own, with one cloud; gone with all it holds when disposed.</summary>
internal sealed class NetHost : IAsyncDisposable
{
    static readonly string[] Tools = ["ip", "iptables-restore", "ip6tables-restore", "ebtables-restore", "ipset", "conntrack", "nsenter", "sysctl"];

    readonly List<string> guests = [];
    readonly CommandLog log = new();

    NetHost(string name)
    {
        Name = name;
        Mark = new(NewId.Hex()[..8]);
        Commands = new(log, TimeProvider.System);
        Net = new(Commands, name);
    }

    public string Name { get; }
    public OwnerMark Mark { get; }
    public Commands Commands { get; }
    public NetworkCommands Net { get; }
    public TempFolder Folder { get; } = new();

    /// <summary>Skips the test, visibly, where it cannot run.</summary>
    public static async Task<NetHost> Create(params string[] alsoNeeded)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root");
        foreach (var tool in Tools.Concat(alsoNeeded))
            Assert.SkipUnless(((string[])["/usr/sbin", "/sbin", "/usr/bin", "/bin"]).Any(f => File.Exists(Path.Combine(f, tool))), $"needs {tool}");
        var host = new NetHost("nt" + NewId.Hex()[..8]);
        await host.Commands.Must("ip", ["netns", "add", host.Name], Ct);
        await host.Net.Must(null, "ip", ["link", "set", "lo", "up"], Ct);
        return host;
    }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public LinuxBridgeSwitch Switch(LinuxBridgeOptions? options = null) => new(options ?? new(), Mark, Net, NullLogger<LinuxBridgeSwitch>.Instance);

    /// <summary>A namespace that plays a guest: the port's device is a veth into it instead of a tap, made beforehand with our mark.</summary>
    public async Task<Guest> Plug(PortSpec port, int prefix = 24, string? gateway = null)
    {
        var guest = new Guest(this, $"ng{NewId.Hex()[..8]}", port);
        await Commands.Must("ip", ["netns", "add", guest.Name], Ct);
        guests.Add(guest.Name);
        await Net.Ip(null, [$"link add name {port.Device} type veth peer name eth0 address {port.Mac} netns {guest.Name}", $"link set dev {port.Device} alias {Mark.Alias("port", port.Id)}"], Ct);
        await Net.Ip(guest.Name, ["link set dev lo up", $"link set dev eth0 mtu {port.Mtu} up", .. prefix == 0 ? [] : port.Addresses.Select(a => $"address add {a}/{(a.Contains(':') ? 64 : prefix)} dev eth0{(a.Contains(':') ? " nodad" : "")}"),
            .. gateway is null ? (string[])[] : [$"route add default via {gateway}"]], Ct);
        return guest;
    }

    /// <summary>How many programs something runs, and how many lines they are given to read.</summary>
    public async Task<(int Commands, int Lines)> Cost(Func<Task> something)
    {
        log.Ran.Clear();
        await something();
        return (log.Ran.Count, log.Ran.Sum(c => c.Input?.Count(letter => letter == '\n') ?? 0));
    }

    /// <summary>Everything a driver can leave on this host but namespaces (all hosts share their folder), as text to compare.</summary>
    public async Task<string> World()
    {
        var links = string.Join('\n', (await Net.AllLinks(null, [], Ct)).Select(l => $"{l.Name} {l.Kind} {l.Alias} {l.Master} {l.Mtu}").Order());
        var rules = "";
        foreach (var tool in (string[])["iptables-save", "ip6tables-save", "ebtables-save"])
            rules += string.Join('\n', (await Net.Must(null, tool, [], Ct)).Split('\n').Where(l => l.StartsWith('-') || (l.StartsWith(':') && l.Contains(Mark.Prefix))));
        var sets = await Net.Must(null, "ipset", ["list", "-n"], Ct);
        return $"{links}\n--\n{rules}\n--\n{sets}";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var guest in guests) await Commands.Run("ip", ["netns", "del", guest], default);
        await Commands.Run("ip", ["netns", "del", Name], default);
        Folder.Dispose();
    }
}

/// <summary>A guest and what it can try.</summary>
internal sealed record Guest(NetHost Host, string Name, PortSpec Port)
{
    public Task<CommandResult> Run(string program, params string[] arguments) => Host.Net.Run(Name, program, arguments, NetHost.Ct);

    /// <summary>The kernel may take a second to let traffic through a new bridge port.</summary>
    public async Task<bool> Reaches(string address, params string[] more)
    {
        for (var i = 0; i < 6; i++) if (await Ping(address, more)) return true;
        return false;
    }

    public async Task<bool> Ping(string address, params string[] more) => (await Run("ping", ["-c", "1", "-W", "1", .. more, address])).Ok;
}
