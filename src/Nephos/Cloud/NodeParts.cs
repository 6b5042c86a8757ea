using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.ConfigDrive;
using Nephos.Drivers.Dnsmasq;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Fake;
using Nephos.Drivers.ImageTools;
using Nephos.Drivers.LinuxBridge;
using Nephos.Drivers.Namespaces;
using Nephos.Drivers.Qemu;
using Nephos.Drivers.Router;
using Nephos.Node;
using Nephos.Roles;

namespace Nephos.Cloud;

/// <summary>What a node is made of: the drivers of this host, or those that pretend, under the same loops.</summary>
static class NodeParts
{
    public static void Add(IServiceCollection services, NodeStart start)
    {
        var node = new NodeOptions
        {
            StateFolder = start.Folder, Host = Environment.MachineName.Split('.')[0], Address = AddressOf(start.Options), Cloud = start.Cloud, Release = Release.Version,
            AllowCrash = start.Options.Fake || start.Options.CrashPoints,
        };
        // A test plays a restart of the host.
        services.AddNode(Environment.GetEnvironmentVariable("NEPHOS_BOOT_ID") is { Length: > 0 } played ? node with { BootId = () => played } : node);
        if (start.Options.Fake) AddPretended(services, start);
        else AddReal(services, start);
    }

    static void AddPretended(IServiceCollection services, NodeStart start) => services
        .AddSingleton(new FakeOptions { File = Path.Combine(start.Folder, "pretended-guests.json"), Failures = Path.Combine(start.Folder, "pretended-failures") })
        .AddHypervisor<FakeHypervisor>()
        .AddSingleton<IVirtualSwitch, FakeSwitch>()
        .AddSingleton<IRouter, FakeRouter>()
        .AddSingleton<IDhcpServer, FakeDhcpServer>()
        .AddSingleton<INamespaces, FakeNamespaces>()
        .AddSingleton<IConfigDriveMaker, FakeConfigDriveMaker>()
        .AddSingleton<IImageTools, PretendedImageTools>();

    static void AddReal(IServiceCollection services, NodeStart start)
    {
        var options = start.Options;
        services
            .AddSingleton(new OwnerMark(start.Cloud))
            .AddSingleton<Commands>()
            .AddSingleton<Children>()
            .AddSingleton(s => new NetworkCommands(s.GetRequiredService<Commands>(), options.HostNamespace))
            .AddSingleton(new NetworkFolders(Path.Combine(start.Folder, "network"), Path.Combine(start.RunFolder, "network")))
            .AddSingleton(new QemuOptions { State = Path.Combine(start.Folder, "guests"), Run = Path.Combine(start.RunFolder, "guests"), RunAs = start.Guests, HostNamespace = options.HostNamespace })
            .AddSingleton(Bridges(options, start.Cloud, start.Guests?.Uid ?? 0))
            .AddSingleton(new DnsmasqOptions())
            .AddHypervisor<QemuHypervisor>()
            .AddSingleton<IVirtualSwitch, LinuxBridgeSwitch>()
            .AddSingleton<IRouter, NamespaceRouter>()
            .AddSingleton<IDhcpServer, DnsmasqServer>()
            .AddSingleton<INamespaces, NamespaceSockets>()
            .AddSingleton(new ImageToolsOptions { RunAs = start.Images })
            .AddSingleton<IImageTools, QemuImageTools>()
            .AddSingleton<IConfigDriveMaker, IsoConfigDriveMaker>();
    }

    static IServiceCollection AddHypervisor<T>(this IServiceCollection services) where T : class, IHypervisor, IGuestTraces => services
        .AddSingleton<T>()
        .AddSingleton<IHypervisor>(s => s.GetRequiredService<T>())
        .AddSingleton<IGuestTraces>(s => s.GetRequiredService<T>());

    /// <summary>The switch's options; the external network's bridge has a name of its own for each cloud, so that several share a host.</summary>
    public static LinuxBridgeOptions Bridges(NephosOptions options, string cloud, int tapUser)
    {
        var bridge = $"brex-{cloud}";
        return new LinuxBridgeOptions
        {
            PhysicalNetworks = new Dictionary<string, string> { ["external"] = bridge },
            External = new ExternalRange(bridge, options.ExternalCidr, First(IPNetwork.Parse(options.ExternalCidr)).ToString()),
            TapUser = tapUser,
            // A host that is alone needs no tunnels, and loopback's MTU is nothing to go by; in a namespace the host's address is not there.
            TunnelAddress = IPAddress.Parse(AddressOf(options)) is var own && (IPAddress.IsLoopback(own) || options.HostNamespace is not null) ? null : own.ToString(),
        };
    }

    /// <summary>Where other hosts reach this one: where its API is, unless that is everywhere or only here.</summary>
    static string AddressOf(NephosOptions options) =>
        IPEndPoint.Parse(options.Listen).Address is var listen && !listen.Equals(IPAddress.Any) && !listen.Equals(IPAddress.IPv6Any) ? listen.ToString() : "127.0.0.1";

    /// <summary>The first address of a range: the host's own in the external network, and its gateway.</summary>
    static IPAddress First(IPNetwork range)
    {
        var bytes = range.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new IPAddress(bytes);
    }
}
