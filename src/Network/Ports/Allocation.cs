using Nephos.Contracts;
using Nephos.Network.Addresses;
using Nephos.Network.Nodes;
using Nephos.Network.Subnets;

namespace Nephos.Network.Ports;

/// <summary>What a body wants of one address: a subnet, an address, both, or neither.</summary>
internal sealed record WantedIp(Guid? SubnetId, string? IpAddress);

/// <summary>Gives addresses to ports, inside the transaction that writes the port.</summary>
internal sealed class Allocation(SubnetTable subnets, AddressTable addresses, PortTable ports)
{
    private const int Attempts = 100;

    /// <summary>Addresses of a new port: as asked, or one of each version and all that hosts make themselves.</summary>
    public async Task Allocate(PortRow port, IReadOnlyList<WantedIp>? wanted)
    {
        var all = await subnets.OfNetwork(port.NetworkId);
        if (wanted is not null) await Specific(port, wanted, all, 0);
        else await Any(port, all);
    }

    /// <summary>Makes the addresses of a port those wanted, keeping what is among them.</summary>
    public async Task Reallocate(PortRow port, IReadOnlyList<WantedIp> wanted)
    {
        var all = await subnets.OfNetwork(port.NetworkId);
        var keep = new List<FixedIp>();
        var missing = new List<WantedIp>();
        foreach (var want in wanted.OrderBy(w => w.IpAddress is null))
        {
            var have = port.FixedIps.FirstOrDefault(f => !keep.Contains(f) && (want.SubnetId is null || f.SubnetId == want.SubnetId) && (want.IpAddress is null || f.IpAddress == want.IpAddress)
                && (want.IpAddress is not null || want.SubnetId is not null));
            if (have is null) missing.Add(want);
            else keep.Add(have);
        }
        foreach (var old in port.FixedIps.Except(keep))
        {
            // What a host makes itself stays as long as the subnet does.
            if (all.Find(s => s.Id == old.SubnetId) is { IsAuto: true } && !port.IsOfNetwork && wanted.Count > 0) continue;
            await addresses.Release(port.Id, old.SubnetId, old.IpAddress);
        }
        await Specific(port, missing, all, keep.Count);
    }

    /// <summary>A new subnet whose hosts make their own addresses: the ports that are there get theirs.</summary>
    public async Task AddAuto(SubnetRow subnet, Change change)
    {
        foreach (var (id, mac) in await addresses.Without(subnet.NetworkId, subnet.Id))
        {
            await addresses.Take(subnet, MacAddress.Eui64(subnet.Range, mac), id, 100);
            if (await ports.Find(id) is { } port) change.Port(id, port.NetworkId, port.DeviceId, await ports.GroupsOf(id));
        }
    }

    /// <summary>One more address for a port, from the first subnet of its network with room.</summary>
    public async Task AddOne(PortRow port)
    {
        foreach (var subnet in Fitting(await subnets.OfNetwork(port.NetworkId), port.DeviceOwner).Where(s => !s.IsAuto))
            if (await TakeFree(port, subnet, port.FixedIps.Count)) return;
        throw Errors.NoAddresses(port.NetworkId);
    }

    /// <summary>Whether a subnet has an address to give, as the rows are now.</summary>
    public async Task<bool> HasFree(SubnetRow subnet)
    {
        foreach (var pool in subnet.AllocationPools)
            if (await addresses.Free(subnet, pool.Pool) is not null) return true;
        return false;
    }

    /// <summary>One more free address of a subnet.</summary>
    public async Task<bool> TakeFree(PortRow port, SubnetRow subnet, int place)
    {
        foreach (var pool in subnet.AllocationPools)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                if (await addresses.Free(subnet, pool.Pool) is not { } free) break;
                // Another transaction may have committed the same choice meanwhile: look again.
                if (await addresses.Take(subnet, free, port.Id, place)) return true;
            }
        }
        return false;
    }

    private async Task Any(PortRow port, List<SubnetRow> all)
    {
        var fitting = Fitting(all, port.DeviceOwner);
        var place = 0;
        foreach (var version in new[] { 4, 6 })
        {
            var candidates = fitting.Where(s => s.IpVersion == version && !s.IsAuto).ToList();
            var done = candidates.Count == 0;
            foreach (var subnet in candidates)
            {
                done = await TakeFree(port, subnet, place++);
                if (done) break;
            }
            if (!done) throw Errors.NoAddresses(port.NetworkId);
        }
        if (port.DeviceOwner is "network:router_interface" or "network:router_gateway") return;
        foreach (var subnet in fitting.Where(s => s.IsAuto)) await Auto(port, subnet, place++);
    }

    private async Task Specific(PortRow port, IReadOnlyList<WantedIp> wanted, List<SubnetRow> all, int place)
    {
        // Addresses named come first, so that none of them is given out as a free one.
        foreach (var want in wanted.OrderBy(w => w.IpAddress is null))
        {
            var subnet = Subnet(port, want, all);
            if (want.IpAddress is { } text)
            {
                var address = Ip.Parse(text);
                if (subnet.IsAuto && !port.IsOfNetwork && address != MacAddress.Eui64(subnet.Range, port.MacAddress))
                    throw Errors.InvalidInput($"IPv6 address {text} can not be directly assigned to a port on subnet {subnet.Id} as the subnet is configured for automatic addresses");
                if (!await addresses.Take(subnet, address, port.Id, place++)) throw Errors.AddressTaken(text, subnet.Id);
            }
            else if (subnet.IsAuto && !port.IsOfNetwork) await Auto(port, subnet, place++);
            else if (!await TakeFree(port, subnet, place++)) throw Errors.NoAddresses(port.NetworkId);
        }
        if (wanted.Count == 0 || port.IsOfNetwork && port.DeviceOwner != "network:dhcp") return;
        foreach (var subnet in all.Where(s => s.IsAuto && !wanted.Any(w => w.SubnetId == s.Id) && !port.FixedIps.Any(f => f.SubnetId == s.Id))) await Auto(port, subnet, place++);
    }

    private static SubnetRow Subnet(PortRow port, WantedIp want, List<SubnetRow> all)
    {
        if (want.SubnetId is { } id)
        {
            var subnet = all.Find(s => s.Id == id)
                ?? throw Errors.InvalidInput($"Failed to create port on network {port.NetworkId}, because fixed_ips included invalid subnet {id}");
            if (want.IpAddress is { } text && !Valid(subnet, Ip.Parse(text))) throw Errors.NotOnSubnet(text);
            return subnet;
        }
        if (want.IpAddress is not { } address) throw Errors.InvalidInput("IP allocation requires subnet_id or ip_address");
        return all.Find(s => Valid(s, Ip.Parse(address))) ?? throw Errors.NotOnNetwork(address);
    }

    private static bool Valid(SubnetRow subnet, Ip address) => subnet.Range.IsHost(address);

    private async Task Auto(PortRow port, SubnetRow subnet, int place)
    {
        var address = MacAddress.Eui64(subnet.Range, port.MacAddress);
        if (!await addresses.Take(subnet, address, port.Id, place)) throw Errors.AddressInUse(address.ToString(), port.NetworkId);
    }

    /// <summary>Subnets for an owner: those for its service type if there are such, else those for all.</summary>
    private static List<SubnetRow> Fitting(List<SubnetRow> all, string owner)
    {
        var own = all.FindAll(s => s.ServiceTypes.Contains(owner));
        return own.Count > 0 ? own : all.FindAll(s => s.ServiceTypes.Length == 0);
    }
}
