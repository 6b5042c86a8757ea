using Nephos.Kernel.Limits;

namespace Nephos.Network;

/// <summary>What projects may have only so much of, with upstream's defaults.</summary>
internal static class NetworkQuotas
{
    public static QuotaResource[] All { get; } =
    [
        new("network", 100, p => $"SELECT COUNT(*) FROM network_networks WHERE project_id = {p}"),
        new("subnet", 100, p => $"SELECT COUNT(*) FROM network_subnets WHERE project_id = {p}"),
        new("subnetpool", -1, p => $"SELECT COUNT(*) FROM network_subnet_pools WHERE project_id = {p}"),
        new("port", 500, p => $"SELECT COUNT(*) FROM network_ports WHERE project_id = {p}"),
        new("router", 10, p => $"SELECT COUNT(*) FROM network_routers WHERE project_id = {p}"),
        new("floatingip", 50, p => $"SELECT COUNT(*) FROM network_floating_ips WHERE project_id = {p}"),
        new("security_group", 10, p => $"SELECT COUNT(*) FROM network_security_groups WHERE project_id = {p}"),
        new("security_group_rule", 100, p => $"SELECT COUNT(*) FROM network_security_group_rules WHERE project_id = {p}"),
        new("rbac_policy", 10, p => $"SELECT COUNT(*) FROM network_rbac_policies WHERE project_id = {p}"),
    ];
}
