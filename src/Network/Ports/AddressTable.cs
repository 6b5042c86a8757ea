using Nephos.Kernel.Data;
using Nephos.Network.Addresses;
using Nephos.Network.Subnets;

namespace Nephos.Network.Ports;

/// <summary>SQL about addresses. That an address is given out once is the primary key's doing.</summary>
internal sealed class AddressTable(NetworkDb db)
{
    /// <summary>Takes an address; false if another port has it.</summary>
    public Task<bool> Take(SubnetRow subnet, Ip address, Guid port, int place) => db.Changed($"""
        INSERT INTO network_addresses (subnet_id, address, port_id, position, place) VALUES ({subnet.Id}, {address.ToString()}, {port}, {Position(subnet, address)}, {place})
        ON CONFLICT (subnet_id, address) DO NOTHING
        """);

    public Task Release(Guid port, Guid subnet, string address) => db.Execute($"DELETE FROM network_addresses WHERE port_id = {port} AND subnet_id = {subnet} AND address = {address}");

    /// <summary>How many addresses of each subnet are given out.</summary>
    public async Task<Dictionary<Guid, long>> Used(IReadOnlyCollection<Guid> networks) => (await db.Query<(Guid Subnet, long Count)>(
        $"SELECT a.subnet_id, COUNT(*) FROM network_addresses a JOIN network_subnets s ON s.id = a.subnet_id WHERE s.network_id IN {networks} GROUP BY a.subnet_id")).ToDictionary(u => u.Subnet, u => u.Count);

    public Task RemoveAll(Guid subnet) => db.Execute($"DELETE FROM network_addresses WHERE subnet_id = {subnet}");

    public Task RemoveOwned(Guid subnet, string owner) =>
        db.Execute($"DELETE FROM network_addresses WHERE subnet_id = {subnet} AND port_id IN (SELECT id FROM network_ports WHERE device_owner = {owner})");

    /// <summary>The router's port that has an address, or null.</summary>
    public Task<Guid?> RouterAt(Guid subnet, string address) => db.One<Guid?>(
        $"SELECT p.id FROM network_ports p JOIN network_addresses a ON a.port_id = p.id WHERE a.subnet_id = {subnet} AND a.address = {address} AND p.device_owner IN {new[] { "network:router_interface", "network:router_gateway" }}");

    /// <summary>The smallest free address of a pool as the rows are now; null when it is full.</summary>
    public async Task<Ip?> Free(SubnetRow subnet, AddressPool pool)
    {
        var start = subnet.Range.First;
        if (Position(subnet, pool.Start) is not { } first) return pool.Start;
        var last = pool.End.Value - start.Value is var distance && distance < long.MaxValue ? (long)distance : long.MaxValue - 1;
        if (await db.Scalar<long?>($"SELECT position FROM network_addresses WHERE subnet_id = {subnet.Id} AND position = {first}") is null) return pool.Start;
        var free = await db.Scalar<long?>($"""
            SELECT a.position + 1 FROM network_addresses a WHERE a.subnet_id = {subnet.Id} AND a.position >= {first} AND a.position < {last}
                AND NOT EXISTS (SELECT 1 FROM network_addresses b WHERE b.subnet_id = {subnet.Id} AND b.position = a.position + 1)
            ORDER BY a.position LIMIT 1
            """);
        return free is { } position ? start.Next(position) : null;
    }

    /// <summary>Ports of a network without an address in a subnet, for addresses that hosts make themselves.</summary>
    public Task<List<(Guid Id, string Mac)>> Without(Guid network, Guid subnet) => db.Query<(Guid, string)>($"""
        SELECT id, mac_address FROM network_ports WHERE network_id = {network} AND device_owner NOT IN {new[] { "network:router_interface", "network:router_gateway", "network:floatingip" }}
            AND id NOT IN (SELECT port_id FROM network_addresses WHERE subnet_id = {subnet})
        """);

    private static long? Position(SubnetRow subnet, Ip address) =>
        address.Value - subnet.Range.First.Value is var distance && distance < long.MaxValue ? (long)distance : null;
}
