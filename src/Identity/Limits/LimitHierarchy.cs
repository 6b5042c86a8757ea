using Nephos.Contracts;
using Nephos.Identity.Projects;

namespace Nephos.Identity.Limits;

/// <summary>Upstream's model <c>strict_two_level</c>, if the operator chose it: no project may have more than its domain.</summary>
internal sealed class LimitHierarchy(IdentityOptions options, LimitTable limits, ProjectTable projects)
{
    public string Name => options.StrictLimits ? "strict_two_level" : "flat";

    public string Description => options.StrictLimits
        ? "This model requires project hierarchy never exceeds a depth of two" : "Limit enforcement and validation does not take project hierarchy into consideration.";

    /// <summary>Checks limits that are about to be stored together.</summary>
    public async Task Require(IReadOnlyList<LimitRow> wanted)
    {
        if (!options.StrictLimits) return;
        foreach (var limit in wanted)
            if (!await Fits(limit, wanted)) throw Refused(limit);
    }

    private async Task<bool> Fits(LimitRow limit, IReadOnlyList<LimitRow> wanted)
    {
        if (limit.DomainId is { } domain) return await limits.LargestBelow(limit.RegisteredLimitId, domain) is not { } largest || Within(largest, limit.ResourceLimit);
        if (await projects.Find(limit.ProjectId!) is not { ParentId: { } parent }) return true;
        var above = wanted.FirstOrDefault(w => w.DomainId == parent && w.RegisteredLimitId == limit.RegisteredLimitId)?.ResourceLimit
            ?? await limits.OfDomain(limit.RegisteredLimitId, parent) ?? (await limits.Registered(limit.RegisteredLimitId))!.DefaultLimit;
        return Within(limit.ResourceLimit, above);
    }

    // -1 is no limit at all.
    private static bool Within(long amount, long bound) => bound < 0 || amount >= 0 && amount <= bound;

    private static Fault Refused(LimitRow limit) => Errors.LimitInvalid($"The resource limit ({(limit.DomainId is null ? "project_id" : "domain_id")}: {limit.ProjectId ?? limit.DomainId}, "
        + $"resource_name: {limit.ResourceName}, resource_limit: {limit.ResourceLimit}, service_id: {limit.ServiceId}, region_id: {limit.RegionId ?? "None"}) doesn't satisfy current hierarchy model.");
}
