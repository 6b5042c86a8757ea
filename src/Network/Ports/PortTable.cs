using System.Text.Json;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Kernel.Data;
using Nephos.Network.Attributes;

namespace Nephos.Network.Ports;

internal sealed record PairText(string MacAddress, string IpAddress);

internal sealed record DhcpOption(string OptName, string OptValue, int IpVersion);

internal sealed record FixedIp(Guid SubnetId, string IpAddress);

internal sealed record PortRow(Guid Id, string ProjectId, Guid NetworkId, string Name, string Description, bool AdminStateUp, string Status, string MacAddress, string DeviceId, string DeviceOwner,
    Guid? Node, string Host, string VnicType, JsonElement Profile, bool PortSecurityEnabled, [Json] PairText[] AllowedAddressPairs, [Json] DhcpOption[] ExtraDhcpOpts,
    string DnsName, string DnsDomain, bool MadeForServer, long Epoch, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : TaggedRow, IResourceRow
{
    /// <summary>Owner of the network.</summary>
    public string NetworkProject { get; init; } = "";
    /// <summary>How the node it is on plugs ports; null when it is on none.</summary>
    public string? VifType { get; init; }
    public IReadOnlyList<FixedIp> FixedIps { get; internal set; } = [];
    public IReadOnlyList<Guid> Groups { get; internal set; } = [];
    public bool NetworkShared { get; internal set; }
    public bool IsOfNetwork => DeviceOwner.StartsWith("network:", StringComparison.Ordinal);
}

/// <summary>SQL about ports.</summary>
internal sealed class PortTable(NetworkDb db)
{
    public const string Select = """
        *, (SELECT n.project_id FROM network_networks n WHERE n.id = network_id) AS network_project, (SELECT o.vif_type FROM network_nodes o WHERE o.id = node) AS vif_type
        """;

    public static SqlText Visible(Viewer viewer) => $"(project_id = {viewer.ProjectId} OR network_id IN (SELECT id FROM network_networks WHERE project_id = {viewer.ProjectId}))";

    public Task<PortRow?> Find(Guid id) => db.One<PortRow>($"SELECT {Sql.Raw(Select)} FROM network_ports WHERE id = {id}");
    public Task<List<PortRow>> Get(IReadOnlyCollection<Guid> ids) => db.Query<PortRow>($"SELECT {Sql.Raw(Select)} FROM network_ports WHERE id IN {ids} ORDER BY created_at, id");
    public Task<List<PortRow>> OfNetwork(Guid network) => db.Query<PortRow>($"SELECT {Sql.Raw(Select)} FROM network_ports WHERE network_id = {network} ORDER BY created_at, id");
    public Task<List<PortRow>> OfDevices(IReadOnlyCollection<string> devices) => db.Query<PortRow>($"SELECT {Sql.Raw(Select)} FROM network_ports WHERE device_id IN {devices} ORDER BY created_at, id");
    public Task<List<PortRow>> OfDevice(string device, string owner) => db.Query<PortRow>($"SELECT {Sql.Raw(Select)} FROM network_ports WHERE device_id = {device} AND device_owner = {owner} ORDER BY created_at, id");
    public async Task<bool> AnyOn(Guid network, string owner) => await db.Scalar<long>($"SELECT COUNT(*) FROM network_ports WHERE network_id = {network} AND device_owner = {owner}") > 0;

    /// <summary>Who has an address in a network, or in any network that a router stands in: the network's own ports are nobody.</summary>
    public async Task<PortRow?> At(Guid? network, Guid? router, string address)
    {
        if (!Addresses.Ip.TryParse(address, out var ip)) return null;
        var id = network is not null
            ? await db.One<Guid?>($"SELECT p.id FROM network_ports p JOIN network_addresses a ON a.port_id = p.id WHERE a.address = {ip.ToString()} AND p.network_id = {network} AND p.device_owner NOT LIKE 'network:%'")
            : await db.One<Guid?>($"""
                SELECT p.id FROM network_ports p JOIN network_addresses a ON a.port_id = p.id
                WHERE a.address = {ip.ToString()} AND p.device_owner NOT LIKE 'network:%' AND p.network_id IN (
                    SELECT i.network_id FROM network_ports i WHERE i.device_id = {router?.ToString()} AND i.device_owner = 'network:router_interface')
                """);
        return id is { } found ? await Find(found) : null;
    }

    public Task<bool> SetStatus(Guid id, string status) =>
        db.Changed($"UPDATE network_ports SET status = {status}, revision_number = revision_number + 1, updated_at = {db.Now} WHERE id = {id} AND status <> {status}");

    /// <summary>True if one of its addresses comes by DHCP.</summary>
    public async Task<bool> NeedsDhcp(Guid id) =>
        await db.Scalar<long>($"SELECT COUNT(*) FROM network_addresses a JOIN network_subnets s ON s.id = a.subnet_id WHERE a.port_id = {id} AND s.enable_dhcp") > 0;

    /// <summary>Routers with an interface or gateway on a network.</summary>
    public async Task<List<Guid>> RoutersOn(Guid network) => [.. (await db.Query<string>(
        $"SELECT DISTINCT device_id FROM network_ports WHERE network_id = {network} AND device_owner IN {new[] { "network:router_interface", "network:router_gateway" }}")).Select(Guid.Parse)];

    public Task<List<string>> DevicesOn(Guid subnet) => db.Query<string>($"SELECT DISTINCT p.device_id FROM network_ports p JOIN network_addresses a ON a.port_id = p.id WHERE a.subnet_id = {subnet}");

    /// <summary>Inserts; a taken device name makes it choose another id unless the id is the caller's.</summary>
    public async Task<PortRow> Insert(PortRow row, bool ownMac, bool ownId = false)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await db.InTransaction(() => Write(row));
                return row;
            }
            catch (DuplicateKey e) when (e.On("device") && !ownId && attempt < 8) { row = row with { Id = NewId.Uuid() }; }
            catch (DuplicateKey e) when (e.On("network_id", "mac_address") && !ownMac && attempt < 8) { row = row with { MacAddress = Addresses.MacAddress.Random() }; }
            catch (DuplicateKey e) when (e.On("network_id", "mac_address")) { throw Errors.MacInUse(row.NetworkId, row.MacAddress); }
            catch (DuplicateKey e) when (e.On("device")) { throw Fault.Conflict($"The device name {DeviceNames.Tap(row.Id)} is taken. Choose another id.", "DeviceNameInUse"); }
        }
    }

    private Task<int> Write(PortRow row) => db.Execute($"""
        INSERT INTO network_ports (id, project_id, network_id, name, description, admin_state_up, status, mac_address, device_id, device_owner, device, node, host, vnic_type, profile, port_security_enabled,
            allowed_address_pairs, extra_dhcp_opts, dns_name, dns_domain, made_for_server, epoch, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.NetworkId}, {row.Name}, {row.Description}, {row.AdminStateUp}, {row.Status}, {row.MacAddress}, {row.DeviceId}, {row.DeviceOwner}, {DeviceNames.Tap(row.Id)},
            {row.Node}, {row.Host}, {row.VnicType}, {row.Profile}, {row.PortSecurityEnabled}, {Sql.Json(row.AllowedAddressPairs)}, {Sql.Json(row.ExtraDhcpOpts)}, {row.DnsName}, {row.DnsDomain},
            {row.MadeForServer}, {row.Epoch}, {row.CreatedAt}, {row.UpdatedAt}, {row.RevisionNumber})
        """);

    public async Task Update(PortRow row)
    {
        try
        {
            await db.InTransaction(() => db.Execute($"""
                UPDATE network_ports SET name = {row.Name}, description = {row.Description}, admin_state_up = {row.AdminStateUp}, mac_address = {row.MacAddress}, device_id = {row.DeviceId}, device_owner = {row.DeviceOwner},
                    node = {row.Node}, host = {row.Host}, status = {row.Status}, vnic_type = {row.VnicType}, profile = {row.Profile}, port_security_enabled = {row.PortSecurityEnabled},
                    allowed_address_pairs = {Sql.Json(row.AllowedAddressPairs)}, extra_dhcp_opts = {Sql.Json(row.ExtraDhcpOpts)}, dns_name = {row.DnsName}, dns_domain = {row.DnsDomain}, epoch = {row.Epoch},
                    made_for_server = {row.MadeForServer} WHERE id = {row.Id}
                """));
        }
        catch (DuplicateKey e) when (e.On("network_id", "mac_address")) { throw Errors.MacInUse(row.NetworkId, row.MacAddress); }
    }

    public async Task Delete(Guid id)
    {
        await db.Execute($"DELETE FROM network_port_groups WHERE port_id = {id}");
        await db.Execute($"DELETE FROM network_addresses WHERE port_id = {id}");
        await db.Execute($"DELETE FROM network_tags WHERE kind = 'port' AND id = {id}");
        await db.Execute($"DELETE FROM network_ports WHERE id = {id}");
    }

    public Task<List<Guid>> GroupsOf(Guid port) => db.Query<Guid>($"SELECT group_id FROM network_port_groups WHERE port_id = {port} ORDER BY group_id");

    public async Task SetGroups(Guid port, IReadOnlyCollection<Guid> groups)
    {
        await db.Execute($"DELETE FROM network_port_groups WHERE port_id = {port}");
        foreach (var group in groups) await db.Execute($"INSERT INTO network_port_groups (port_id, group_id) VALUES ({port}, {group})");
    }

    /// <summary>The node with a host name; null if there is none.</summary>
    public Task<Guid?> NodeOf(string host) => db.One<Guid?>($"SELECT id FROM network_nodes WHERE host = {host}");

    public async Task<string> HostOf(Guid node) => await db.Scalar<string>($"SELECT host FROM network_nodes WHERE id = {node}") ?? "";

    /// <summary>Fills addresses and groups.</summary>
    public Task Fill(IReadOnlyList<PortRow> rows) => db.Fill(rows, PartsOf(rows));

    /// <summary>Addresses and groups.</summary>
    public static Part<PortRow>[] PartsOf(IReadOnlyList<PortRow> rows)
    {
        var ids = rows.Select(r => r.Id).ToArray();
        return
        [
            Part.Of((PortRow p) => p.Id, ((Guid Port, Guid Subnet, string Address) a) => a.Port,
                $"SELECT port_id, subnet_id, address FROM network_addresses WHERE port_id IN {ids} ORDER BY place, address",
                (port, found) => port.FixedIps = [.. found.Select(a => new FixedIp(a.Subnet, a.Address))]),
            Part.Of((PortRow p) => p.Id, ((Guid Port, Guid Group) g) => g.Port,
                $"SELECT port_id, group_id FROM network_port_groups WHERE port_id IN {ids} ORDER BY group_id",
                (port, found) => port.Groups = [.. found.Select(g => g.Group)]),
        ];
    }
}
