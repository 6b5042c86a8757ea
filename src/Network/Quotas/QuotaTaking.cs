using Nephos.Kernel.Limits;

namespace Nephos.Network;

/// <summary>A quota that does not fit, in Network's words.</summary>
internal static class QuotaTaking
{
    /// <summary>First statement of a creating transaction.</summary>
    public static async Task TakeOrRefuse(this Quotas<NetworkDb> quotas, string project, string resource, long count = 1)
    {
        try { await quotas.Take(project, new Dictionary<string, long> { [resource] = count }); }
        catch (QuotaExceeded) { throw Errors.OverQuota(resource); }
    }
}
