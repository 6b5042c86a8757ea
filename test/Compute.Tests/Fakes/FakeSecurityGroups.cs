using System.Collections.Concurrent;
using Nephos.Contracts;

namespace Nephos.Compute.Tests.Fakes;

internal sealed class FakeSecurityGroups(FakeNetworks networks) : ISecurityGroups
{
    private readonly ConcurrentDictionary<Guid, SecurityGroupFacts> _all = new(networks.Groups.ToDictionary(g => g.Id, g => new SecurityGroupFacts(g.Id, FakeTokens.DemoProject, g.Name, "", [])));

    public Task<IReadOnlyList<SecurityGroupFacts>> List(Caller caller, bool allProjects, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<SecurityGroupFacts>>([.. _all.Values.Where(g => allProjects || g.ProjectId == caller.ProjectId)]);

    public Task<IReadOnlyList<SecurityGroupFacts>> Get(Caller caller, IReadOnlyList<Guid> ids, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<SecurityGroupFacts>>([.. _all.Values.Where(g => ids.Contains(g.Id) && (caller.HasRole("admin") || g.ProjectId == caller.ProjectId))]);

    public Task<SecurityGroupFacts> Create(Caller caller, string name, string description, CancellationToken ct)
    {
        var id = NewId.Uuid();
        var group = new SecurityGroupFacts(id, caller.ProjectId!, name, description, [new(NewId.Uuid(), id, "egress", "IPv4", null, null, null, null, null)]);
        return Task.FromResult(_all[id] = group);
    }

    public Task<SecurityGroupFacts> Update(Caller caller, Guid id, string name, string description, CancellationToken ct) =>
        Task.FromResult(_all[id] = _all[id] with { Name = name, Description = description });

    public Task Delete(Caller caller, Guid id, CancellationToken ct)
    {
        if (_all[id].Name == "default") throw Fault.Conflict("Cannot delete the default security group.");
        _all.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    public Task<SecurityGroupRuleFacts> AddRule(Caller caller, NewIngressRule rule, CancellationToken ct)
    {
        var made = new SecurityGroupRuleFacts(NewId.Uuid(), rule.Group, "ingress", rule.Ethertype, rule.Protocol, rule.From, rule.To, rule.Cidr, rule.RemoteGroup);
        _all[rule.Group] = _all[rule.Group] with { Rules = [.. _all[rule.Group].Rules, made] };
        return Task.FromResult(made);
    }

    public Task<bool> DeleteRule(Caller caller, Guid id, CancellationToken ct)
    {
        var group = _all.Values.FirstOrDefault(g => g.Rules.Any(r => r.Id == id) && g.ProjectId == caller.ProjectId);
        if (group is not null) _all[group.Id] = group with { Rules = [.. group.Rules.Where(r => r.Id != id)] };
        return Task.FromResult(group is not null);
    }
}
