using Nephos.Contracts;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Policy;
using Nephos.Network.Attributes;
using Nephos.Network.Nodes;

namespace Nephos.Network.SecurityGroups;

/// <summary>What Compute's proxies ask, answered by the code of the API itself.</summary>
internal sealed class GroupsContract(GroupTable table, SecurityGroups groups, SecurityGroupRules groupRules, ProxyRules rules, Changes changes, Quotas<NetworkDb> quotas) : ISecurityGroups
{
    public async Task<IReadOnlyList<SecurityGroupFacts>> List(Caller caller, bool allProjects, CancellationToken ct)
    {
        var viewer = rules.ViewerOf(caller);
        rules.Require("get_security_group", caller, viewer.ProjectId);
        if (allProjects && viewer.IsAdmin) return await Facts(await table.All());
        await table.EnsureDefault(viewer.ProjectId);
        return await Facts(await table.OfProject(viewer.ProjectId));
    }

    public async Task<IReadOnlyList<SecurityGroupFacts>> Get(Caller caller, IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        var viewer = rules.ViewerOf(caller);
        return await Facts([.. (await table.Get([.. ids])).Where(g => viewer.IsAdmin || g.ProjectId == viewer.ProjectId)]);
    }

    public async Task<SecurityGroupFacts> Create(Caller caller, string name, string description, CancellationToken ct)
    {
        var viewer = rules.ViewerOf(caller);
        rules.Require("create_security_group", caller, viewer.ProjectId);
        var id = await changes.Run(async change =>
        {
            await quotas.TakeOrRefuse(viewer.ProjectId, "security_group");
            return await groups.Create(new Values { ["project_id"] = viewer.ProjectId, ["name"] = name, ["description"] = description, ["stateful"] = true }, viewer, change);
        });
        return (await Get(caller, [id], ct))[0];
    }

    public async Task<SecurityGroupFacts> Update(Caller caller, Guid id, string name, string description, CancellationToken ct)
    {
        await changes.Run(async change => await groups.Update(await Own("update_security_group", caller, id), new Values { ["name"] = name, ["description"] = description }, rules.ViewerOf(caller), change));
        return (await Get(caller, [id], ct))[0];
    }

    public Task Delete(Caller caller, Guid id, CancellationToken ct) =>
        changes.Run(async change => await groups.Delete(await Own("delete_security_group", caller, id), rules.ViewerOf(caller), change));

    public async Task<SecurityGroupRuleFacts> AddRule(Caller caller, NewIngressRule rule, CancellationToken ct)
    {
        var group = await Own("create_security_group_rule", caller, rule.Group);
        var id = await changes.Run(async change =>
        {
            await quotas.TakeOrRefuse(group.ProjectId, "security_group_rule");
            return await groupRules.Create(new Values
            {
                ["project_id"] = group.ProjectId, ["security_group_id"] = group.Id, ["direction"] = "ingress", ["ethertype"] = rule.Ethertype, ["protocol"] = rule.Protocol,
                ["port_range_min"] = rule.From, ["port_range_max"] = rule.To, ["remote_ip_prefix"] = rule.Cidr, ["remote_group_id"] = rule.RemoteGroup, ["description"] = "",
            }, rules.ViewerOf(caller), change);
        });
        return Facts((await table.Rules([group.Id])).Single(r => r.Id == id));
    }

    public Task<bool> DeleteRule(Caller caller, Guid id, CancellationToken ct) => changes.Run(async change =>
    {
        var viewer = rules.ViewerOf(caller);
        if (await table.FindRule(id) is not { } rule || !viewer.IsAdmin && rule.GroupProject != viewer.ProjectId) return false;
        rules.Require("delete_security_group_rule", caller, Target(rule.GroupProject));
        await groupRules.Delete(rule, viewer, change);
        return true;
    });

    private async Task<GroupRow> Own(string rule, Caller caller, Guid id)
    {
        var viewer = rules.ViewerOf(caller);
        if (await table.Find(id) is not { } group || !viewer.IsAdmin && group.ProjectId != viewer.ProjectId) throw Errors.GroupNotFound(id);
        rules.Require(rule, caller, Target(group.ProjectId));
        return group;
    }

    // A group, and a rule of it: rules about either name the group's project.
    private static PolicyTarget Target(string project)
    {
        var target = PolicyTarget.OfProject(project);
        SecurityGroupRules.OfGroup(target, project);
        return target;
    }

    private async Task<List<SecurityGroupFacts>> Facts(List<GroupRow> rows)
    {
        var all = (await table.Rules([.. rows.Select(r => r.Id)])).ToLookup(r => r.SecurityGroupId);
        return rows.ConvertAll(g => new SecurityGroupFacts(g.Id, g.ProjectId, g.Name, g.Description, [.. all[g.Id].Select(Facts)]));
    }

    private static SecurityGroupRuleFacts Facts(RuleRow r) =>
        new(r.Id, r.SecurityGroupId, r.Direction, r.Ethertype, r.Protocol, r.PortRangeMin, r.PortRangeMax, r.RemoteIpPrefix, r.RemoteGroupId);
}
