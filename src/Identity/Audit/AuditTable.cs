using Nephos.Contracts;
using Nephos.Kernel.Data;

namespace Nephos.Identity.Audit;

internal sealed class AuditTable(IdentityDb db)
{
    private const string Events = "identity_audit_events";

    public Task Insert(IReadOnlyList<AuditEvent> events) => db.InTransaction(async () =>
    {
        foreach (var e in events)
            await db.Execute($"""
                INSERT INTO identity_audit_events (id, at, service, service_kind, action, status, target_kind, target_id, container_id, path, user_id, user_name, user_domain_id, project_id, domain_id,
                  trust_id, trustor_id, trustee_id, application_credential_id, service_user_id, address, agent, request_id, global_request_id)
                VALUES ({e.Id}, {e.At}, {e.Service}, {e.ServiceKind}, {e.Action}, {e.Status}, {e.TargetKind}, {e.TargetId}, {e.ContainerId}, {e.Path}, {e.UserId}, {e.UserName}, {e.UserDomainId}, {e.ProjectId}, {e.DomainId},
                  {e.TrustId}, {e.TrustorId}, {e.TrusteeId}, {e.ApplicationCredentialId}, {e.ServiceUserId}, {e.Address}, {e.Agent}, {e.RequestId}, {e.GlobalRequestId})
                """);
    });

    /// <summary>The newest first.</summary>
    public async Task<IReadOnlyList<AuditEvent>> Find(AuditQuery asked)
    {
        var list = new ListSql(Events) { Limit = asked.Limit, Marker = asked.Marker, MarkerMissing = Errors.MarkerNotFound }.OrderBy("at", descending: true);
        if (asked.UserId is { } user) list.Where($"(user_id = {user} OR trustee_id = {user})");
        if (asked.ProjectId is { } project) list.Where($"project_id = {project}");
        if (asked.TargetId is { } target) list.Where($"(target_id = {target} OR container_id = {target})");
        if (asked.Service is { } service) list.Where($"service = {service}");
        // 0 is the character behind the slash.
        if (asked.Action is { } action) list.Where($"(action = {action} OR action > {action + "/"} AND action < {action + "0"})");
        if (asked.Succeeded is { } succeeded) list.Where(succeeded ? (SqlText)$"status < 400" : $"status >= 400");
        if (asked.Since is { } since) list.Where($"at >= {since}");
        if (asked.Until is { } until) list.Where($"at < {until}");
        return (await db.Page<AuditEvent>(list)).Items;
    }

    /// <summary>Forgets some of what is older than a time. How many; fewer than the limit when it was all.</summary>
    public Task<int> Purge(DateTimeOffset before, int limit) =>
        db.Execute($"DELETE FROM identity_audit_events WHERE id IN (SELECT id FROM identity_audit_events WHERE at < {before} ORDER BY at, id LIMIT {limit})");
}
