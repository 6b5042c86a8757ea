using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Dnsmasq;
using Nephos.Drivers.Exec;
using Nephos.Drivers.LinuxBridge;
using Nephos.Drivers.Namespaces;
using Nephos.Drivers.Router;

namespace Nephos.Drivers.Tests.Net;

/// <summary>A host with switch, router and DHCP, as a node has them.</summary>
internal sealed class Site : IAsyncDisposable
{
    Site(NetHost host)
    {
        Host = host;
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(host.Folder.Path, (UnixFileMode)0x1ED);
        Folders = new(host.Folder["state"], host.Folder["run"]);
        Children = new(host.Mark, NullLoggerFactory.Instance);
        Switch = host.Switch(Options);
        Router = new(Folders, host.Mark, host.Net, Children, TimeProvider.System, NullLogger<NamespaceRouter>.Instance);
        Dhcp = NewDhcp();
    }

    public static readonly LinuxBridgeOptions Options = new()
    {
        PhysicalNetworks = new Dictionary<string, string> { ["external"] = "br-ex" },
        External = new("br-ex", "172.24.4.0/24", "172.24.4.1"),
    };

    public static async Task<Site> Create() => new(await NetHost.Create("ping", "dnsmasq", "dhcp_release", "arping", "dhclient"));

    public NetHost Host { get; }
    public NetworkFolders Folders { get; }
    public Children Children { get; }
    public LinuxBridgeSwitch Switch { get; }
    public NamespaceRouter Router { get; }
    public DnsmasqServer Dhcp { get; }

    /// <summary>As after a restart of the node: knows nothing.</summary>
    public DnsmasqServer NewDhcp() => new(new(), Folders, Host.Mark, Host.Net, Children, TimeProvider.System, NullLogger<DnsmasqServer>.Instance);

    public static RouterInterface Inside(NetworkSpec network, params string[] addresses) => new(NewId.Uuid(), network.Id, Specs.Mac(), addresses, network.Mtu);

    public static RouterGateway Outside(NetworkSpec network, string address) => new(NewId.Uuid(), network.Id, Specs.Mac(), [address], ["172.24.4.1"], true, network.Mtu);

    public static DhcpSpec DhcpFor(NetworkSpec network, string cidr, string own, string? gateway, bool onRouter, params PortSpec[] ports)
    {
        var subnet = new DhcpSubnet(NewId.Uuid(), cidr, gateway, ["192.0.2.53"], [], null, onRouter);
        return new()
        {
            Network = network.Id, Port = NewId.Uuid(), Mac = Specs.Mac(), Addresses = [own], Mtu = network.Mtu, Subnets = [subnet],
            Hosts = [.. ports.Select(p => new DhcpHost(p.Mac, p.Addresses[0], "host-" + p.Addresses[0].Replace('.', '-'), subnet.Id, []))],
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var router in await Router.Observe(default)) await Router.Remove(router, default);
        foreach (var network in await Dhcp.Observe(default)) await Dhcp.Remove(network.Network, default);
        Switch.Dispose();
        await Host.DisposeAsync();
    }
}
