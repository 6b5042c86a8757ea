using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Networks;

/// <summary>nova's old proxies of networks (until 2.35): of the fields that nova's own networks had, ids and names are left.</summary>
internal sealed class NetworksApi(INetworkCatalog networks)
{
    private static readonly string[] Always = ["cidr", "netmask", "gateway", "broadcast", "dns1", "dns2", "cidr_v6", "gateway_v6", "netmask_v6"];
    private static readonly string[] ForAdmins =
    [
        "created_at", "updated_at", "deleted_at", "deleted", "injected", "bridge", "vlan", "vpn_public_address", "vpn_public_port", "vpn_private_address", "dhcp_start", "project_id", "host",
        "bridge_interface", "multi_host", "priority", "rxtx_base", "mtu", "dhcp_server", "enable_dhcp", "share_address",
    ];

    public void Map(RouteGroup g)
    {
        g.Get("/os-networks", call => List(call, View)).Until("2.35").Policy("os_compute_api:os-networks:list", Rule.ProjectReaderOrAdmin, "List networks");
        g.Get("/os-networks/{id}", call => Show(call, View)).Until("2.35").Policy("os_compute_api:os-networks:show", Rule.ProjectReaderOrAdmin, "Show a network").Fails(404);
        g.Get("/os-tenant-networks", call => List(call, Brief)).Until("2.35").Policy("os_compute_api:os-tenant-networks:list", Rule.ProjectReader, "List networks of a project");
        g.Get("/os-tenant-networks/{id}", call => Show(call, Brief)).Until("2.35").Policy("os_compute_api:os-tenant-networks:show", Rule.ProjectReader, "Show a network of a project").Fails(404);
    }

    private async Task<Answer> List(Call call, Func<Call, NetworkName, object> view) => Answer.Json(("networks", (await networks.List(call.Caller, call.Cancel)).Select(n => view(call, n))));

    private async Task<Answer> Show(Call call, Func<Call, NetworkName, object> view) =>
        Guid.TryParse(call["id"], out var id) && await networks.Find(call.Caller, id, call.Cancel) is { } network ? Answer.Json(("network", view(call, network))) : throw Errors.NoSuchNetwork();

    private static Dictionary<string, object?> View(Call call, NetworkName network)
    {
        var view = new Dictionary<string, object?> { ["id"] = network.Id.ToString(), ["label"] = network.Name };
        foreach (var field in call.Caller.HasRole("admin") ? Always.Concat(ForAdmins) : Always) view[field] = null;
        return view;
    }

    // "None" is what the original says of a range.
    private static Dictionary<string, object?> Brief(Call call, NetworkName network) => new() { ["id"] = network.Id.ToString(), ["cidr"] = "None", ["label"] = network.Name };
}
