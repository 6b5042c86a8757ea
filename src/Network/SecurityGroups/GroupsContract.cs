using Nephos.Contracts;
using Nephos.Kernel.Limits;
using Nephos.Network.Attributes;
using Nephos.Network.Nodes;

namespace Nephos.Network.SecurityGroups;

/// <summary>What Compute's proxies ask, answered by the code of the API itself.</summary>
internal sealed class GroupsContract(GroupTable table, SecurityGroups groups, SecurityGroupRules rules, Changes changes, Quotas<NetworkDb> quotas) : ISecurityGroups
{
    public async Task<IReadOnlyList<SecurityGroupFacts>> List(string? projectId, CancellationToken ct)
    {
        if (projectId is null) return await Facts(await table.All());
        await table.EnsureDefault(projectId);
        return await Facts(await table.OfProject(projectId));
    }

    public async Task<IReadOnlyList<SecurityGroupFacts>> Get(string projectId, bool isAdmin, IReadOnlyList<Guid> ids, CancellationToken ct) =>
        await Facts([.. (await table.Get([.. ids])).Where(g => isAdmin || g.ProjectId == projectId)]);

    public async Task<SecurityGroupFacts> Create(string projectId, string name, string description, CancellationToken ct)
    {
        var id = await changes.Run(async change =>
        {
            await quotas.Take(projectId, new Dictionary<string, long> { ["security_group"] = 1 });
            return await groups.Create(new Values { ["project_id"] = projectId, ["name"] = name, ["description"] = description, ["stateful"] = true }, new(projectId, false), change);
        });
        return (await Get(projectId, false, [id], ct))[0];
    }

    public async Task<SecurityGroupFacts> Update(string projectId, bool isAdmin, Guid id, string name, string description, CancellationToken ct)
    {
        await changes.Run(async change => await groups.Update(await Own(projectId, isAdmin, id), new Values { ["name"] = name, ["description"] = description }, new(projectId, isAdmin), change));
        return (await Get(projectId, isAdmin, [id], ct))[0];
    }

    public Task Delete(string projectId, bool isAdmin, Guid id, CancellationToken ct) =>
        changes.Run(async change => await groups.Delete(await Own(projectId, isAdmin, id), new(projectId, isAdmin), change));

    public async Task<SecurityGroupRuleFacts> AddRule(string projectId, bool isAdmin, NewIngressRule rule, CancellationToken ct)
    {
        var group = await Own(projectId, isAdmin, rule.Group);
        var id = await changes.Run(async change =>
        {
            await quotas.Take(group.ProjectId, new Dictionary<string, long> { ["security_group_rule"] = 1 });
            return await rules.Create(new Values
            {
                ["project_id"] = group.ProjectId, ["security_group_id"] = group.Id, ["direction"] = "ingress", ["ethertype"] = rule.Ethertype, ["protocol"] = rule.Protocol,
                ["port_range_min"] = rule.From, ["port_range_max"] = rule.To, ["remote_ip_prefix"] = rule.Cidr, ["remote_group_id"] = rule.RemoteGroup, ["description"] = "",
            }, new(projectId, isAdmin), change);
        });
        return Facts((await table.Rules([group.Id])).Single(r => r.Id == id));
    }

    public Task<bool> DeleteRule(string projectId, bool isAdmin, Guid id, CancellationToken ct) => changes.Run(async change =>
    {
        if (await table.FindRule(id) is not { } rule || !isAdmin && rule.GroupProject != projectId) return false;
        await rules.Delete(rule, new(projectId, isAdmin), change);
        return true;
    });

    private async Task<GroupRow> Own(string projectId, bool isAdmin, Guid id) =>
        await table.Find(id) is { } group && (isAdmin || group.ProjectId == projectId) ? group : throw Errors.GroupNotFound(id);

    private async Task<List<SecurityGroupFacts>> Facts(List<GroupRow> rows)
    {
        var all = (await table.Rules([.. rows.Select(r => r.Id)])).ToLookup(r => r.SecurityGroupId);
        return rows.ConvertAll(g => new SecurityGroupFacts(g.Id, g.ProjectId, g.Name, g.Description, [.. all[g.Id].Select(Facts)]));
    }

    private static SecurityGroupRuleFacts Facts(RuleRow r) =>
        new(r.Id, r.SecurityGroupId, r.Direction, r.Ethertype, r.Protocol, r.PortRangeMin, r.PortRangeMax, r.RemoteIpPrefix, r.RemoteGroupId);
}
