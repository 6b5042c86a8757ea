using System.Text.Json.Nodes;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Testing;
using static Nephos.Network.Tests.NetworkCloud;

namespace Nephos.Network.Tests;

public sealed class SecurityGroupTests
{
    [Theory, OnEachDatabase]
    public async Task The_default_group_is_there_when_first_looked_for(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var group = Assert.Single((JsonArray)(await cloud.Ok(Demo, "GET", "v2.0/security-groups"))["security_groups"]!)!;
        Assert.Equal(("default", 4), ((string?)group["name"], ((JsonArray)group["security_group_rules"]!).Count));
        await cloud.Refused(Demo, "POST", "v2.0/security-groups", new { security_group = new { name = "default" } }, 409, "SecurityGroupDefaultAlreadyExists");
        await cloud.Refused(Demo, "DELETE", $"v2.0/security-groups/{group["id"]}", null, 409, "SecurityGroupCannotRemoveDefault");
        await cloud.Refused(Demo, "PUT", $"v2.0/security-groups/{group["id"]}", new { security_group = new { name = "x" } }, 409, "SecurityGroupCannotUpdateDefault");
    }

    [Theory, OnEachDatabase]
    public async Task Rules_are_checked_and_never_twice(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var group = await cloud.Create(Demo, "security_group", new { name = "g" }, "security-groups");
        Task<string> Bad(object rule, int status, string type) => cloud.Refused(Demo, "POST", "v2.0/security-group-rules", new { security_group_rule = rule }, status, type);
        var rule = await cloud.Create(Demo, "security_group_rule", new { security_group_id = group, direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22 }, "security-group-rules");
        Assert.Contains(rule, await Bad(new { security_group_id = group, direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22 }, 409, "SecurityGroupRuleExists"), StringComparison.Ordinal);
        await Bad(new { security_group_id = group, direction = "ingress", port_range_min = 22, port_range_max = 22 }, 400, "SecurityGroupProtocolRequiredWithPorts");
        await Bad(new { security_group_id = group, direction = "ingress", protocol = "tcp", port_range_min = 23, port_range_max = 22 }, 400, "SecurityGroupInvalidPortRange");
        await Bad(new { security_group_id = group, direction = "ingress", protocol = "tcp", port_range_max = 22 }, 400, "SecurityGroupInvalidPortRange");
        await Bad(new { security_group_id = group, direction = "ingress", protocol = "tcp", port_range_min = 0, port_range_max = 22 }, 400, "SecurityGroupInvalidPortValue");
        await Bad(new { security_group_id = group, direction = "ingress", remote_group_id = "no id" }, 404, "SecurityGroupNotFound");
        await Bad(new { security_group_id = group, direction = "ingress", protocol = "frob" }, 400, "SecurityGroupRuleInvalidProtocol");
        await Bad(new { security_group_id = group, direction = "ingress", ethertype = "bad" }, 400, "SecurityGroupRuleInvalidEtherType");
        await Bad(new { security_group_id = group, direction = "ingress", remote_ip_prefix = "bad" }, 400, "InvalidCIDR");
        await Bad(new { security_group_id = group, direction = "ingress", remote_ip_prefix = "2001::/16" }, 400, "SecurityGroupRuleParameterConflict");
        await Bad(new { security_group_id = group, direction = "ingress", remote_ip_prefix = "10.0.0.0/8", remote_group_id = group }, 400, "SecurityGroupMultipleRemoteEntites");
        await Bad(new { security_group_id = group, direction = "ingress", remote_group_id = NewId.Uuid() }, 404, "SecurityGroupNotFound");
        await Bad(new { security_group_id = NewId.Uuid(), direction = "ingress" }, 404, "SecurityGroupNotFound");
        await Bad(new { security_group_id = group, direction = "ingress", protocol = "icmp", port_range_min = -1 }, 400, "SecurityGroupInvalidPortValue");
        await Bad(new { security_group_id = group, direction = "ingress", protocol = "icmp", port_range_min = 1, port_range_max = 256 }, 400, "SecurityGroupInvalidIcmpValue");
        await Bad(new { security_group_id = group, direction = "ingress", protocol = "icmp", port_range_max = 3 }, 400, "SecurityGroupMissingIcmpType");
        await Bad(new { security_group_id = group, direction = "sideways" }, 400, "HTTPBadRequest");
        await cloud.Refused(Other, "POST", "v2.0/security-group-rules", new { security_group_rule = new { security_group_id = group, direction = "ingress" } }, 404, "SecurityGroupNotFound");
        await cloud.Refused(Other, "GET", $"v2.0/security-group-rules/{rule}", null, 404, "SecurityGroupRuleNotFound");
        Assert.Single((JsonArray)(await cloud.Ok(Demo, "GET", $"v2.0/security-group-rules?security_group_id={group}&protocol=tcp"))["security_group_rules"]!);
        await cloud.Ok(Demo, "DELETE", $"v2.0/security-group-rules/{rule}");
        await cloud.Ok(Demo, "PUT", $"v2.0/security-groups/{group}", new { security_group = new { name = "h" } });
        await cloud.Ok(Demo, "DELETE", $"v2.0/security-groups/{group}");
    }

    [Theory, OnEachDatabase]
    public async Task Nodes_get_the_groups_of_their_ports_and_the_members_those_name(DatabaseKind kind)
    {
        await using var cloud = await Start(kind);
        var node = await cloud.Join();
        var (network, _) = await cloud.NetworkWith(Demo);
        var (web, db) = (await cloud.Create(Demo, "security_group", new { name = "web" }, "security-groups"), await cloud.Create(Demo, "security_group", new { name = "db" }, "security-groups"));
        var rule = await cloud.Create(Demo, "security_group_rule", new { security_group_id = db, direction = "ingress", protocol = "tcp", port_range_min = 5432, port_range_max = 5432, remote_group_id = web }, "security-group-rules");
        async Task<PortFacts> Server(string group) => await cloud.Contract.EnsurePort(new NewPort
        {
            Id = NewId.Uuid(), Epoch = 1, Network = Guid.Parse(network), ProjectId = "demo", Device = NewId.Uuid(), DeviceOwner = "compute:nova", Node = node, Groups = [Guid.Parse(group)],
        }, default);
        var inside = await Server(db);
        await cloud.Settle();
        Assert.Empty((await cloud.Items.Find(node, NodeItemKinds.Members, Guid.Parse(web)))!.SpecAs<GroupMembersSpec>()!.Addresses);
        var generation = (await cloud.Items.Find(node, NodeItemKinds.Group, Guid.Parse(db)))!.Generation;
        var outside = await Server(web);
        await cloud.Settle();
        Assert.Equal(outside.Addresses[0].Address, Assert.Single((await cloud.Items.Find(node, NodeItemKinds.Members, Guid.Parse(web)))!.SpecAs<GroupMembersSpec>()!.Addresses));
        Assert.Equal(generation, (await cloud.Items.Find(node, NodeItemKinds.Group, Guid.Parse(db)))!.Generation);
        Assert.Contains((await cloud.Items.Find(node, NodeItemKinds.Group, Guid.Parse(db)))!.SpecAs<GroupSpec>()!.Rules, r => r is { Ingress: true, PortMin: 5432 } && r.RemoteGroup == Guid.Parse(web));
        await cloud.Refused(Demo, "DELETE", $"v2.0/security-groups/{web}", null, 409, "SecurityGroupInUse");
        await cloud.Ok(Demo, "DELETE", $"v2.0/security-group-rules/{rule}");
        await cloud.Settle();
        Assert.False((await cloud.Items.Find(node, NodeItemKinds.Members, Guid.Parse(web)))!.Wanted);
        await cloud.Contract.DeletePort(inside.Id, 1, default);
        await cloud.Contract.DeletePort(outside.Id, 1, default);
        await cloud.Settle();
        Assert.False((await cloud.Items.Find(node, NodeItemKinds.Group, Guid.Parse(db)))!.Wanted);
        Assert.False((await cloud.Items.Find(node, NodeItemKinds.Port, inside.Id))!.Wanted);
    }
}
