using System.Text.Json;

namespace Nephos.Drivers.Namespaces;

/// <summary>A network device as <c>ip -j -d link</c> shows it.</summary>
/// <param name="Kind">The kernel's name of its type (<c>bridge</c>, <c>tun</c>, <c>veth</c> ...); empty for hardware.</param>
public sealed record Link(string Name, int Index, string Alias, string Master, string Kind, string Address, int Mtu, bool Up)
{
    /// <summary>Reads what <c>ip -j</c> printed; a batch prints one array per line.</summary>
    internal static IReadOnlyList<Link> Parse(string json)
    {
        var links = new List<Link>();
        foreach (var line in json.Split('\n'))
        {
            if (!line.StartsWith('[')) continue;
            using var document = JsonDocument.Parse(line);
            foreach (var link in document.RootElement.EnumerateArray())
                // A filter that selects a link partly prints empty objects for the others.
                if (link.TryGetProperty("ifname", out _)) links.Add(Read(link));
        }
        return links;
    }

    static Link Read(JsonElement link) => new(
        Text(link, "ifname"),
        link.GetProperty("ifindex").GetInt32(),
        Text(link, "ifalias"),
        Text(link, "master"),
        link.TryGetProperty("linkinfo", out var info) ? Text(info, "info_kind") : "",
        Text(link, "address"),
        link.GetProperty("mtu").GetInt32(),
        link.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == "UP"));

    static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
