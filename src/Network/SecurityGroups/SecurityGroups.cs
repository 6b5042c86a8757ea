using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;
using Nephos.Network.Attributes;
using Nephos.Network.Nodes;
using Nephos.Network.Sharing;

namespace Nephos.Network.SecurityGroups;

/// <summary>Security groups.</summary>
internal sealed class SecurityGroups(NetworkDb db, GroupTable table, RbacTable rbac) : Resource<GroupRow>(db)
{
    public override string Name => "security_group";
    public override string Table => "network_security_groups";
    public override Fault Missing(string id) => Errors.GroupNotFound(id);
    public override SqlText Visible(Viewer viewer) => GroupTable.Visible(viewer);

    public override IReadOnlyList<Attribute<GroupRow>> Attributes { get; } =
    [
        Common.Id<GroupRow>(),
        Common.Name<GroupRow>(g => g.Name),
        Common.Flag<GroupRow>("stateful", g => g.Stateful, true),
        .. Common.Project<GroupRow>(),
        Common.Description<GroupRow>(g => g.Description),
        new("shared", g => g.Shared) { Filter = (v, viewer) => Common.SharedFilter("security_group", "access_as_shared", v, viewer) },
        new("security_group_rules", g => g.Rules.Select(SecurityGroupRules.View).ToList()),
        .. Common.Standard<GroupRow>(g => (g.CreatedAt, g.UpdatedAt)),
        Common.Tags<GroupRow>(),
    ];

    public override Task BeforeRead(Viewer viewer) => viewer.ProjectId.Length > 0 ? table.EnsureDefault(viewer.ProjectId) : Task.CompletedTask;

    protected override IEnumerable<Part<GroupRow>> PartsOf(IReadOnlyList<GroupRow> rows, Viewer viewer)
    {
        var ids = rows.Select(r => r.Id).ToArray();
        return
        [
            Part.Of((GroupRow g) => g.Id, (RuleRow r) => r.SecurityGroupId, GroupTable.RulesOf(ids), (group, rules) => group.Rules = rules),
            Part.Flag((GroupRow g) => g.Id, RbacTable.Shared("security_group", ids, viewer.ProjectId), (group, shared) => group.Shared = shared),
        ];
    }

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var project = values.Get<string>("project_id")!;
        if (values.Get<string>("name")!.Equals("default", StringComparison.OrdinalIgnoreCase)) throw Errors.DefaultGroupExists();
        await table.EnsureDefault(project);
        var row = new GroupRow(NewId.Uuid(), project, values.Get<string>("name")!, values.Get<string>("description")!, values.Get<bool>("stateful"), false, Db.Now, Db.Now, 1);
        await table.Insert(row);
        foreach (var rule in table.StandardRules(row.Id, project, null)) await table.Insert(rule);
        return row.Id;
    }

    public override async Task Update(GroupRow row, Values values, Viewer viewer, Change change)
    {
        var name = values.Or("name", row.Name);
        if (row.IsDefault && name != row.Name) throw Errors.DefaultGroupKeepsName();
        if (!row.IsDefault && name != row.Name && name.Equals("default", StringComparison.OrdinalIgnoreCase)) throw Errors.DefaultGroupKeepsName();
        if (values.ContainsKey("stateful") && values.Get<bool>("stateful") != row.Stateful && await table.IsUsed(row.Id)) throw Errors.GroupInUse(row.Id);
        await table.Update(row with { Name = name, Description = values.Or("description", row.Description), Stateful = values.Or("stateful", row.Stateful) });
    }

    public override async Task Delete(GroupRow row, Viewer viewer, Change change)
    {
        if (await table.IsUsed(row.Id)) throw Errors.GroupInUse(row.Id);
        if (row.IsDefault && !viewer.IsAdmin) throw Errors.DefaultGroupStays();
        // Rules elsewhere that let in its members have nobody to let in any more.
        foreach (var rule in await table.Naming(row.Id))
        {
            await table.DeleteRule(rule.Id);
            change.Mark(Stale.Group, rule.SecurityGroupId);
        }
        await rbac.Clear("security_group", row.Id);
        await table.Delete(row.Id);
        change.Mark(Stale.Group, row.Id);
        change.Mark(Stale.Members, row.Id);
    }
}

/// <summary>Rules of security groups.</summary>
internal sealed class SecurityGroupRules(NetworkDb db, GroupTable table) : Resource<RuleRow>(db)
{
    public override string Name => "security_group_rule";
    public override string Table => "network_security_group_rules";
    public override string Select => GroupTable.RuleSelect;
    public override bool Updates => false;
    public override Fault Missing(string id) => Errors.RuleNotFound(id);
    public override SqlText Visible(Viewer viewer) => GroupTable.VisibleRules(viewer);

    public override IReadOnlyList<Attribute<RuleRow>> Attributes => All;

    private static readonly IReadOnlyList<Attribute<RuleRow>> All =
    [
        Common.Id<RuleRow>(),
        .. Common.Project<RuleRow>(),
        new("security_group_id", r => r.SecurityGroupId) { Post = true, Read = NewRule.Group, Default = Unset.Required, Column = "security_group_id" },
        new("ethertype", r => r.Ethertype) { Post = true, Read = NewRule.Ethertype, Default = "IPv4", Column = "ethertype" },
        new("direction", r => r.Direction) { Post = true, Read = Read.Choice("ingress", "egress"), Default = Unset.Required, Column = "direction" },
        new("protocol", r => r.Protocol) { Post = true, Read = NewRule.Protocol, Column = "protocol" },
        new("port_range_min", r => r.PortRangeMin) { Post = true, Read = NewRule.Port, Column = "port_range_min", Kind = ColumnKind.Number },
        new("port_range_max", r => r.PortRangeMax) { Post = true, Read = NewRule.Port, Column = "port_range_max", Kind = ColumnKind.Number },
        new("remote_ip_prefix", r => r.RemoteIpPrefix) { Post = true, Read = NewRule.Prefix, Column = "remote_ip_prefix" },
        new("remote_address_group_id", _ => null) { Post = true, Read = NewRule.NoAddressGroup },
        new("normalized_cidr", r => r.NormalizedCidr) { Column = "normalized_cidr" },
        new("remote_group_id", r => r.RemoteGroupId) { Post = true, Read = NewRule.GroupOrNull, Column = "remote_group_id" },
        Common.Description<RuleRow>(r => r.Description) with { Put = false },
        .. Common.Standard<RuleRow>(r => (r.CreatedAt, r.UpdatedAt)),
    ];

    /// <summary>What rules see of the group behind a rule.</summary>
    public static void OfGroup(PolicyTarget target, string project) => target["security_group:tenant_id"] = target["security_group:project_id"] = project;

    public override void Target(RuleRow row, PolicyTarget target) => OfGroup(target, row.GroupProject);

    public override async Task Target(Values values, Viewer viewer, PolicyTarget target)
    {
        var group = await table.Find(values.Get<Guid>("security_group_id"), viewer) ?? throw Errors.GroupNotFound(values.Get<Guid>("security_group_id"));
        if (!viewer.IsAdmin && group.ProjectId != viewer.ProjectId) throw Errors.GroupNotFound(group.Id);
        OfGroup(target, group.ProjectId);
    }

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        var row = NewRule.From(values, Db.Now);
        if (row.RemoteGroupId is { } remote && await table.Find(remote, viewer) is null) throw Errors.GroupNotFound(remote);
        if (!await table.Insert(row)) throw Errors.RuleExists((object?)await table.Same(row) ?? "");
        await table.TouchGroup(row.SecurityGroupId);
        Mark(row, change);
        return row.Id;
    }

    public override async Task Delete(RuleRow row, Viewer viewer, Change change)
    {
        await table.DeleteRule(row.Id);
        await table.TouchGroup(row.SecurityGroupId);
        Mark(row, change);
    }

    /// <summary>As part of a group's view.</summary>
    public static ResourceView View(RuleRow row) => new ResourceView<RuleRow>(row, All);

    private static void Mark(RuleRow row, Change change)
    {
        change.Mark(Stale.Group, row.SecurityGroupId);
        if (row.RemoteGroupId is { } remote) change.Mark(Stale.Members, remote);
    }
}
