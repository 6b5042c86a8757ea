using Nephos.Contracts;

namespace Nephos.Drivers.Namespaces;

/// <summary>A veth of ours: one end on a network's bridge, the other inside a namespace.</summary>
/// <param name="Outer">Name on the host.</param>
/// <param name="Inner">Name in the namespace.</param>
internal sealed record VethEnd(string Outer, string Inner, Guid Port, string Bridge, string Mac, int Mtu, IReadOnlyList<string> Addresses)
{
    /// <summary>Makes the pair as it should be; gives the addresses that are new and those that went.</summary>
    /// <param name="have">Devices of the namespace before.</param>
    public async Task<(IReadOnlyList<string> New, IReadOnlyList<string> Gone)> Ensure(NetworkCommands net, string ns, string alias, bool up, IReadOnlyDictionary<string, Device> have, CancellationToken ct)
    {
        var inner = have.GetValueOrDefault(Inner);
        var outer = (await net.Links(null, [Outer], ct)).GetValueOrDefault(Outer);
        var lines = new List<string>();
        if (outer is not null && inner is null)
        {
            if (outer.Alias.Length > 0 && outer.Alias != alias) throw Fault.Conflict($"The device {Outer} exists on this host and does not belong to this cloud.");
            // Its other end is not where it should be.
            lines.Add($"link del dev {Outer}");
            outer = null;
        }
        if (outer is null) lines.Add($"link add name {Outer} type veth peer name {Inner} address {Mac} netns {ns}");
        if (outer?.Alias != alias) lines.Add($"link set dev {Outer} alias {alias}");
        if (outer is null) lines.Add($"link set dev {Outer} addrgenmode none");
        if (outer?.Mtu != Mtu) lines.Add($"link set dev {Outer} mtu {Mtu}");
        if (outer?.Master != Bridge) lines.Add($"link set dev {Outer} master {Bridge}");
        if (outer is not { Up: true }) lines.Add($"link set dev {Outer} up");
        await net.Ip(null, lines, ct);
        return await Inside(net, ns, up, inner, ct);
    }

    async Task<(IReadOnlyList<string>, IReadOnlyList<string>)> Inside(NetworkCommands net, string ns, bool up, Device? have, CancellationToken ct)
    {
        var lines = new List<string>();
        if (have is not null && have.Mac != Mac) lines.Add($"link set dev {Inner} address {Mac}");
        if (have?.Mtu != Mtu) lines.Add($"link set dev {Inner} mtu {Mtu}");
        var wanted = Addresses.Select(Normal).ToList();
        var gone = (have?.Addresses ?? []).Except(wanted).ToList();
        var fresh = wanted.Except(have?.Addresses ?? []).ToList();
        lines.AddRange(gone.Select(a => $"address del {a} dev {Inner}"));
        // Nobody else has it: the controller says who has what. A tentative address could not be used at once.
        lines.AddRange(fresh.Select(a => $"address add {a} dev {Inner}{(a.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}"));
        if (have?.Up != up) lines.Add($"link set dev {Inner} {(up ? "up" : "down")}");
        await net.Ip(ns, lines, ct);
        return (fresh, gone);
    }

    /// <summary>As <c>ip</c> prints it.</summary>
    static string Normal(string address)
    {
        var parts = address.Split('/');
        return $"{System.Net.IPAddress.Parse(parts[0])}/{parts[1]}";
    }
}
