using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Schemas;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Policy;

namespace Nephos.Compute.Quotas;

/// <summary>os-limits: the quotas of a project and what it uses, under older names.</summary>
internal sealed class LimitsApi(Quotas<ComputeDb> quotas)
{
    private const string Other = "os_compute_api:limits:other_project";
    private static readonly SchemaHistory Query = SchemaHistory.Of(Schema.Object(("tenant_id", Types.Many()))).At("2.75", s => s.Closed());

    public void Map(RouteGroup g) => g.Get("/limits", Show).Policy("os_compute_api:limits", Rule.Anyone, "Show limits").Query(() => Query)
        .Also(Other, Rule.Admin, "Show limits of other projects");

    private async Task<Answer> Show(Call call)
    {
        if (call.Query.Has("tenant_id")) call.Authorize(Other, PolicyTarget.None);
        var project = call.Query["tenant_id"] ?? call.Caller.ProjectId ?? "";
        var uses = (await quotas.Detail(project)).ToDictionary(u => u.Resource);
        var absolute = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["maxTotalInstances"] = uses["instances"].Limit, ["maxTotalCores"] = uses["cores"].Limit, ["maxTotalRAMSize"] = uses["ram"].Limit,
            ["maxTotalKeypairs"] = uses["key_pairs"].Limit, ["maxServerMeta"] = uses["metadata_items"].Limit,
            ["maxServerGroups"] = uses["server_groups"].Limit, ["maxServerGroupMembers"] = uses["server_group_members"].Limit,
            ["totalInstancesUsed"] = uses["instances"].InUse, ["totalCoresUsed"] = uses["cores"].InUse, ["totalRAMUsed"] = uses["ram"].InUse, ["totalServerGroupsUsed"] = uses["server_groups"].InUse,
        };
        if (!call.At("2.57"))
        {
            absolute["maxPersonality"] = uses["injected_files"].Limit;
            absolute["maxPersonalitySize"] = uses["injected_file_content_bytes"].Limit;
        }
        if (!call.At("2.39")) absolute["maxImageMeta"] = uses["metadata_items"].Limit;
        if (!call.At("2.36"))
        {
            // Network keeps these itself.
            foreach (var name in (string[])["maxTotalFloatingIps", "maxSecurityGroups", "maxSecurityGroupRules"]) absolute[name] = -1;
            absolute["totalFloatingIpsUsed"] = 0;
            absolute["totalSecurityGroupsUsed"] = 0;
        }
        return Answer.Json(("limits", new Limits([], absolute)));
    }

    private sealed record Limits(string[] Rate, SortedDictionary<string, long> Absolute);
}
