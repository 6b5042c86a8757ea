using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Nephos.Contracts;
using Nephos.Kernel.Api;

namespace Nephos.Kernel.Audit;

/// <summary>
/// Tells the audit of every change, every attempt at one, and every refusal, before the first byte of the answer leaves. Of what nobody known tries
/// in vain only so much is kept: a flood from outside must not fill the disk.
/// </summary>
internal sealed class Auditor(IAuditTrail? trail, TimeProvider time) : IDisposable
{
    public const int Strangers = 1000;
    private const int MaxText = 255, MaxPath = 1024;

    private readonly TokenBucketRateLimiter _strangers = new(new()
    {
        TokenLimit = Strangers, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0, AutoReplenishment = true,
    });

    public void Watch(Call call)
    {
        if (trail is not null) call.Http.Response.OnStarting(static state => (((Auditor Auditor, Call Call))state) is var (auditor, call) ? auditor.Tell(call) : Task.CompletedTask, (this, call));
    }

    public void Dispose() => _strangers.Dispose();

    private async Task Tell(Call call)
    {
        var status = call.Http.Response.StatusCode;
        if (call.Method is "GET" or "HEAD" or "OPTIONS" && status is not (401 or 403)) return;
        if (status >= 400 && call.Initiator is null && call.MaybeCaller is null && !_strangers.AttemptAcquire().IsAcquired) return;
        var happened = Event(call, status);
        if (call.TargetIds.Count < 2) await trail!.Record(happened);
        // Several things by one request: each has its history.
        else foreach (var id in call.TargetIds) await trail!.Record(happened with { Id = NewId.Ordered(), TargetId = id });
    }

    private AuditEvent Event(Call call, int status)
    {
        var (api, route) = (call.Api, call.Route ?? call.Asked);
        var who = call.Initiator ?? (call.MaybeCaller is { } caller ? Initiator.Of(caller) : null);
        var (target, container) = Target(call, route, status);
        return new()
        {
            Id = NewId.Ordered(), At = time.GetUtcNow(),
            Service = api.Type, ServiceKind = api.AuditKind, Status = status,
            // Which of several actions is known only when one of them was chosen.
            Action = route is null || route.ActionName is not null && call.Route is null ? Route.UsualAction(call.Method, ofOne: true) : route.AuditAction,
            TargetKind = route?.AuditKind ?? api.AuditKind, TargetId = Clean(target), ContainerId = Clean(container),
            Path = route is null ? null : Clean(api.PathInLogs(call.Segments), MaxPath),
            UserId = who?.UserId, UserName = Clean(who?.UserName), UserDomainId = who?.UserDomainId, ProjectId = who?.ProjectId, DomainId = who?.DomainId,
            TrustId = who?.Trust?.Id, TrustorId = who?.Trust?.TrustorId, TrusteeId = who?.Trust?.TrusteeId, ApplicationCredentialId = who?.ApplicationCredentialId,
            ServiceUserId = call.ServiceCaller?.UserId ?? (call.Initiator is not null ? call.MaybeCaller?.UserId : null),
            Address = call.RemoteAddress, Agent = Clean(call.Header("User-Agent")), RequestId = call.RequestId, GlobalRequestId = Clean(call.GlobalRequestId),
        };
    }

    /// <summary>What is named last in the path, or was made there, and what is named first.</summary>
    private static (string? Target, string? Container) Target(Call call, Route? route, int status)
    {
        var said = call.TargetIds is [var one, ..] ? one : null;
        if (route is null) return (said, null);
        var shown = call.Api.SegmentsInLogs(call.Segments);
        var ids = route.Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select((part, at) => (Name: part.Trim('{', '*', '}'), Id: part.StartsWith("{*", StringComparison.Ordinal) ? string.Join('/', shown.Skip(at)) : part[0] == '{' ? shown[at] : null))
            .Where(p => p.Id is not null).ToList();
        var target = said ?? (call.Method is "POST" && status < 300 && route.ActionName is null ? Made.IdIn(call.Answer) : null)
            ?? (route.AuditOf is { } name ? ids.Find(p => p.Name == name).Id : ids is [.., var last] ? last.Id : null);
        return (target, ids is [var first, ..] && first.Id != target ? first.Id : null);
    }

    // A client writes these: nothing in them may spoil a row or a terminal.
    private static string? Clean(string? text, int max = MaxText)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Length > max) text = text[..max];
        return text.Any(c => char.IsControl(c) || char.IsSurrogate(c)) ? string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\ufffd' : c)) : text;
    }
}
