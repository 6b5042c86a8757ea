using Nephos.Contracts;
using Nephos.Kernel.Policy;
using Nephos.Network.Attributes;
using Nephos.Network.Networks;
using Nephos.Network.Nodes;
using Nephos.Network.Ports;

namespace Nephos.Network.Sharing;

/// <summary>rbac-policies.</summary>
internal sealed class RbacPolicies(NetworkDb db, RbacTable table, NetworkTable networks, PortTable ports) : Resource<RbacRow>(db)
{
    private static readonly string[] Kinds = ["network", "subnetpool", "address_scope", "security_group"];

    public override string Name => "rbac_policy";
    public override string Collection => "rbac_policies";
    public override string Table => "network_rbac_policies";
    public override Fault Missing(string id) => Errors.RbacNotFound(id);

    public override IReadOnlyList<Attribute<RbacRow>> Attributes { get; } =
    [
        Common.Id<RbacRow>(),
        new("object_type", r => r.ObjectType) { Post = true, Read = Read.Choice(Kinds), Default = Unset.Required, Column = "object_type" },
        new("target_tenant", r => r.TargetProject) { Post = true, Put = true, Read = Read.Text(), Column = "target_project", Guarded = true },
        new("target_project", r => r.TargetProject) { Post = true, Put = true, Read = Read.Text(), Column = "target_project", Hidden = true },
        .. Common.Project<RbacRow>(),
        new("object_id", r => r.ObjectId) { Post = true, Read = Read.Uuid, Default = Unset.Required, Column = "object_id" },
        new("action", r => r.Action) { Post = true, Read = Read.Text(), Default = Unset.Required, Column = "action" },
    ];

    public override async Task Target(Values values, Viewer viewer, PolicyTarget target)
    {
        Normalize(values);
        target["target_tenant"] = target["target_project"] = values.Get<string>("target_tenant");
        // An object that is not the caller's is as absent as one that does not exist.
        var (kind, id) = (values.Get<string>("object_type")!, values.Get<Guid>("object_id"));
        var owner = await table.Owner(kind, id);
        if (owner is null || owner != viewer.ProjectId && !viewer.IsAdmin) throw Errors.RbacInvalid(id, $"{kind} {id} could not be found");
    }

    public override async Task<Guid> Create(Values values, Viewer viewer, Change change)
    {
        Normalize(values);
        var (kind, action) = (values.Get<string>("object_type")!, values.Get<string>("action")!);
        string[] actions = kind == "network" ? ["access_as_shared", "access_as_external"] : ["access_as_shared"];
        if (!actions.Contains(action)) throw Errors.BadOperation("rbac_policy", $"Invalid action '{action}' for object type '{kind}'. Valid actions: {string.Join(", ", actions)}");
        var row = new RbacRow(NewId.Uuid(), values.Get<string>("project_id")!, kind, values.Get<Guid>("object_id"), action, values.Get<string>("target_tenant")!, Db.Now, Db.Now, 1);
        if (!await table.Insert(row)) throw Errors.RbacExists();
        if (action == "access_as_external" && await networks.Find(row.ObjectId) is { } network) await networks.Update(network with { External = true });
        return row.Id;
    }

    public override async Task Update(RbacRow row, Values values, Viewer viewer, Change change)
    {
        Normalize(values, row.TargetProject);
        var target = values.Get<string>("target_tenant")!;
        await RefuseInUse(row, row.TargetProject);
        await table.SetTarget(row.Id, target);
    }

    public override async Task Delete(RbacRow row, Viewer viewer, Change change)
    {
        await table.Delete(row.Id);
        await RefuseInUse(row, row.TargetProject);
        if (row.Action == "access_as_external" && (await table.Targets("network", row.ObjectId, row.Action)).Count == 0 && await networks.Find(row.ObjectId) is { } network)
        {
            if (await ports.AnyOn(row.ObjectId, "network:router_gateway")) throw Errors.RbacInUse(row.ObjectId, "the network has gateway ports");
            await networks.Update(network with { External = false });
        }
    }

    private async Task RefuseInUse(RbacRow row, string target)
    {
        if (row.ObjectType != "network" || row.Action != "access_as_shared") return;
        var users = await networks.OtherUsers(row.ObjectId, row.ProjectId);
        var left = await table.Targets("network", row.ObjectId, row.Action);
        var stranded = users.Where(u => (target == "*" || u == target) && !left.Where(t => t != target).Any(t => t == "*" || t == u)).ToList();
        if (stranded.Count > 0) throw Errors.RbacInUse(row.ObjectId, $"Unable to reconfigure sharing settings for network {row.ObjectId}. Multiple tenants are using it.");
    }

    private static void Normalize(Values values, string? old = null)
    {
        var target = values.Get<string>("target_tenant") ?? values.Get<string>("target_project") ?? old
            ?? throw Errors.BadRequest("Failed to parse request. Required attribute 'target_tenant' not specified");
        values["target_tenant"] = values["target_project"] = target;
    }
}
