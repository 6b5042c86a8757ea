namespace Nephos.Contracts.Drivers;

/// <summary>Names of devices and namespaces, OpenStack's own: the first 11 characters of a random id (Linux allows 15 in all).</summary>
public static class DeviceNames
{
    /// <summary>A port's device on the bridge side.</summary>
    public static string Tap(Guid port) => "tap" + Cut(port);
    /// <summary>A network's bridge.</summary>
    public static string Bridge(Guid network) => "brq" + Cut(network);
    /// <summary>A router's inside interface.</summary>
    public static string RouterInside(Guid port) => "qr-" + Cut(port);
    /// <summary>A router's outside interface.</summary>
    public static string RouterOutside(Guid port) => "qg-" + Cut(port);
    /// <summary>The DHCP namespace's interface.</summary>
    public static string Dhcp(Guid port) => "ns-" + Cut(port);
    /// <summary>A network's DHCP namespace.</summary>
    public static string DhcpNamespace(Guid network) => $"qdhcp-{network}";
    /// <summary>A router's namespace.</summary>
    public static string RouterNamespace(Guid router) => $"qrouter-{router}";

    private static string Cut(Guid id) => id.ToString()[..11];
}
