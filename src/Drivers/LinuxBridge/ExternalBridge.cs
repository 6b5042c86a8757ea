using System.Globalization;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Namespaces;

namespace Nephos.Drivers.LinuxBridge;

/// <summary>The bridge of the external range, with this host as the range's gateway. One that the operator made is used as it is.</summary>
internal sealed class ExternalBridge(NetworkCommands net, OwnerMark mark, ExternalRange range)
{
    const string Kind = "external";

    public async Task Ensure(CancellationToken ct)
    {
        var have = (await net.Links(null, [range.Bridge], ct)).GetValueOrDefault(range.Bridge);
        if (have is not null && have.Alias != mark.Alias(Kind, range.Bridge)) return;
        var lines = new List<string>();
        if (have is null)
        {
            // A fixed hardware address: else it changes with every port, and neighbours lose the gateway for a while.
            lines.Add($"link add name {range.Bridge} address {Address()} type bridge stp_state 0 forward_delay 0");
            lines.Add($"link set dev {range.Bridge} alias {mark.Alias(Kind, range.Bridge)}");
        }
        lines.Add($"address replace {range.Gateway}/{range.Cidr[(range.Cidr.IndexOf('/', StringComparison.Ordinal) + 1)..]} dev {range.Bridge}");
        lines.Add($"link set dev {range.Bridge} up");
        await net.Ip(null, lines, ct);
        await net.Must(null, "sysctl", ["-qw", "net.ipv4.ip_forward=1"], ct);
    }

    public async Task Remove(CancellationToken ct)
    {
        var have = (await net.Links(null, [range.Bridge], ct)).GetValueOrDefault(range.Bridge);
        if (have?.Alias == mark.Alias(Kind, range.Bridge)) await net.Ip(null, [$"link del dev {range.Bridge}"], ct);
    }

    string Address() => "02:6e:" + string.Join(':', mark.Cloud.Chunk(2).Take(4).Select(pair => byte.Parse(pair, NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString("x2")));
}
