using System.Text.Json;

namespace Nephos.Drivers.Namespaces;

/// <summary>A device inside a namespace with its addresses, as <c>ip -j address</c> shows it.</summary>
/// <param name="Addresses">With prefix length, without those the kernel gives itself.</param>
internal sealed record Device(string Name, string Mac, int Mtu, bool Up, IReadOnlyList<string> Addresses)
{
    public static async Task<IReadOnlyDictionary<string, Device>> All(NetworkCommands net, string ns, CancellationToken ct)
    {
        using var document = JsonDocument.Parse(await net.Must(ns, "ip", ["-j", "address", "show"], ct));
        return document.RootElement.EnumerateArray().Where(d => d.TryGetProperty("ifname", out _)).Select(Read).ToDictionary(d => d.Name);
    }

    static Device Read(JsonElement device) => new(
        device.GetProperty("ifname").GetString()!,
        device.TryGetProperty("address", out var mac) ? mac.GetString()! : "",
        device.GetProperty("mtu").GetInt32(),
        device.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == "UP"),
        [.. device.GetProperty("addr_info").EnumerateArray()
            .Where(a => a.TryGetProperty("local", out _) && !(a.GetProperty("family").GetString() == "inet6" && a.GetProperty("scope").GetString() == "link"))
            .Select(a => $"{a.GetProperty("local").GetString()}/{a.GetProperty("prefixlen").GetInt32()}")]);
}
