using Nephos.Kernel.Convergence;

namespace Nephos.Identity.Audit;

/// <summary>Forgets what is older than the operator wants it kept, a little at a time so that nobody waits for it.</summary>
internal sealed class AuditPurge(AuditTable table, IdentityDb db, IdentityOptions options) : Loop
{
    internal const int Page = 2000;

    public override string Name => "identity.audit";

    public override TimeSpan Period => TimeSpan.FromHours(1);

    public override async Task<object> Run(CancellationToken ct)
    {
        if (options.AuditKept == TimeSpan.Zero) return new { forgotten = 0 };
        var (before, all) = (db.Now - options.AuditKept, 0);
        for (var some = Page; some == Page && !ct.IsCancellationRequested; all += some) some = await table.Purge(before, Page);
        return new { forgotten = all };
    }
}
