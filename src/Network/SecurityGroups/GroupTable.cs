using Nephos.Contracts;
using Nephos.Kernel.Data;
using Nephos.Network.Attributes;

namespace Nephos.Network.SecurityGroups;

internal sealed record GroupRow(Guid Id, string ProjectId, string Name, string Description, bool Stateful, bool IsDefault, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : TaggedRow, IResourceRow
{
    public IReadOnlyList<RuleRow> Rules { get; internal set; } = [];
    public bool Shared { get; internal set; }
}

internal sealed record RuleRow(Guid Id, string ProjectId, Guid SecurityGroupId, string Description, string Direction, string Ethertype, string? Protocol, int? PortRangeMin, int? PortRangeMax,
    string? RemoteIpPrefix, string? NormalizedCidr, Guid? RemoteGroupId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RevisionNumber) : IResourceRow
{
    /// <summary>Owner of the group.</summary>
    public string GroupProject { get; init; } = "";

    /// <summary>Two rules of a group with the same text allow the same.</summary>
    public string Sameness => string.Join('|', Direction, Ethertype, Protocol, PortRangeMin, PortRangeMax, NormalizedCidr, RemoteGroupId);
}

/// <summary>SQL about security groups and their rules.</summary>
internal sealed class GroupTable(NetworkDb db)
{
    public const string RuleSelect = "*, (SELECT g.project_id FROM network_security_groups g WHERE g.id = security_group_id) AS group_project";

    public static SqlText Visible(Viewer viewer) =>
        $"(project_id = {viewer.ProjectId} OR id IN (SELECT object_id FROM network_rbac_policies WHERE object_type = 'security_group' AND target_project IN {new[] { "*", viewer.ProjectId }}))";

    public static SqlText VisibleRules(Viewer viewer) =>
        $"(project_id = {viewer.ProjectId} OR security_group_id IN (SELECT id FROM network_security_groups WHERE project_id = {viewer.ProjectId}))";

    public Task<GroupRow?> Find(Guid id) => db.One<GroupRow>($"SELECT * FROM network_security_groups WHERE id = {id}");
    public Task<GroupRow?> Find(Guid id, Viewer viewer) => viewer.IsAdmin ? Find(id) : db.One<GroupRow>($"SELECT * FROM network_security_groups WHERE id = {id} AND {Visible(viewer)}");
    public Task<List<GroupRow>> OfProject(string project) => db.Query<GroupRow>($"SELECT * FROM network_security_groups WHERE project_id = {project} ORDER BY created_at, id");
    public Task<List<GroupRow>> All() => db.Query<GroupRow>($"SELECT * FROM network_security_groups ORDER BY created_at, id");
    public Task<List<GroupRow>> Get(IReadOnlyCollection<Guid> ids) => db.Query<GroupRow>($"SELECT * FROM network_security_groups WHERE id IN {ids}");
    public Task<Guid?> Default(string project) => db.One<Guid?>($"SELECT id FROM network_security_groups WHERE project_id = {project} AND is_default");

    /// <summary>The project's default group, made with its rules on first use by whatever comes first.</summary>
    public async Task<Guid> EnsureDefault(string project)
    {
        if (await Default(project) is { } known) return known;
        return await db.InTransaction(async () =>
        {
            var id = NewId.Uuid();
            if (!await db.Changed($"""
                INSERT INTO network_security_groups (id, project_id, name, description, stateful, is_default, created_at, updated_at, revision_number)
                VALUES ({id}, {project}, 'default', 'Default security group', TRUE, TRUE, {db.Now}, {db.Now}, 1) ON CONFLICT (project_id) WHERE is_default DO NOTHING
                """)) return await Default(project) ?? throw Errors.Retry();
            foreach (var rule in StandardRules(id, project, id)) await Insert(rule);
            return id;
        });
    }

    /// <summary>What every new group allows: all that leaves; the default group also what comes from its own members.</summary>
    public IEnumerable<RuleRow> StandardRules(Guid group, string project, Guid? ingressFrom)
    {
        foreach (var ethertype in new[] { "IPv4", "IPv6" })
        {
            yield return new(NewId.Uuid(), project, group, "", "egress", ethertype, null, null, null, null, null, null, db.Now, db.Now, 1);
            if (ingressFrom is not null) yield return new(NewId.Uuid(), project, group, "", "ingress", ethertype, null, null, null, null, null, ingressFrom, db.Now, db.Now, 1);
        }
    }

    public Task Insert(GroupRow row) => db.Execute($"""
        INSERT INTO network_security_groups (id, project_id, name, description, stateful, is_default, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.Name}, {row.Description}, {row.Stateful}, FALSE, {row.CreatedAt}, {row.UpdatedAt}, 1)
        """);

    public Task Update(GroupRow row) => db.Execute($"UPDATE network_security_groups SET name = {row.Name}, description = {row.Description}, stateful = {row.Stateful} WHERE id = {row.Id}");

    public async Task Delete(Guid id)
    {
        await db.Execute($"DELETE FROM network_security_group_rules WHERE security_group_id = {id}");
        await db.Execute($"DELETE FROM network_security_groups WHERE id = {id}");
    }

    public async Task<bool> IsUsed(Guid id) => await db.Scalar<long>($"SELECT COUNT(*) FROM network_port_groups WHERE group_id = {id}") > 0;

    /// <summary>Rules of other groups that name this one.</summary>
    public Task<List<RuleRow>> Naming(Guid id) => db.Query<RuleRow>($"SELECT * FROM network_security_group_rules WHERE remote_group_id = {id} AND security_group_id <> {id}");

    public static SqlText RulesOf(IReadOnlyCollection<Guid> groups) => $"SELECT {Sql.Raw(RuleSelect)} FROM network_security_group_rules WHERE security_group_id IN {groups} ORDER BY created_at, id";
    public Task<List<RuleRow>> Rules(IReadOnlyCollection<Guid> groups) => db.Query<RuleRow>(RulesOf(groups));

    public Task<RuleRow?> FindRule(Guid id) => db.One<RuleRow>($"SELECT {Sql.Raw(RuleSelect)} FROM network_security_group_rules WHERE id = {id}");

    /// <summary>The rule that allows the same, if there is one.</summary>
    public Task<Guid?> Same(RuleRow row) => db.One<Guid?>($"SELECT id FROM network_security_group_rules WHERE security_group_id = {row.SecurityGroupId} AND sameness = {row.Sameness}");

    public Task<bool> Insert(RuleRow row) => db.Changed($"""
        INSERT INTO network_security_group_rules (id, project_id, security_group_id, description, direction, ethertype, protocol, port_range_min, port_range_max, remote_ip_prefix, normalized_cidr,
            remote_group_id, sameness, created_at, updated_at, revision_number)
        VALUES ({row.Id}, {row.ProjectId}, {row.SecurityGroupId}, {row.Description}, {row.Direction}, {row.Ethertype}, {row.Protocol}, {row.PortRangeMin}, {row.PortRangeMax}, {row.RemoteIpPrefix},
            {row.NormalizedCidr}, {row.RemoteGroupId}, {row.Sameness}, {row.CreatedAt}, {row.UpdatedAt}, 1) ON CONFLICT (security_group_id, sameness) DO NOTHING
        """);

    public Task DeleteRule(Guid id) => db.Execute($"DELETE FROM network_security_group_rules WHERE id = {id}");

    public Task TouchGroup(Guid id) => db.Execute($"UPDATE network_security_groups SET revision_number = revision_number + 1, updated_at = {db.Now} WHERE id = {id}");

    public Task<string?> RouterOwner(Guid router) => db.Scalar<string>($"SELECT project_id FROM network_routers WHERE id = {router}");

    /// <summary>Groups of a new or changed port: those asked for, if the viewer may use them, or the project's default.</summary>
    public async Task<IReadOnlyList<Guid>> ForPort(string project, bool security, Guid[]? asked, Viewer viewer)
    {
        if (asked is null) return security && project.Length > 0 ? [await EnsureDefault(project)] : [];
        var known = (await Get(asked)).Select(g => g.Id).ToHashSet();
        foreach (var id in asked)
            if (!known.Contains(id) || await Find(id, viewer) is null && await Find(id, new(project, false)) is null) throw Errors.GroupNotFound(id);
        return asked;
    }
}
