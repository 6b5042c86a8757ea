using System.Globalization;
using Nephos.Identity.Shared;
using Nephos.Kernel.Api;
using Nephos.Kernel.Api.Views;

namespace Nephos.Identity.Tokens;

internal sealed record RevocationView(DateTimeOffset IssuedBefore)
{
    [OmitNull]
    public string? AuditId { get; init; }
    [Named("audit_chain_id"), OmitNull]
    public string? Chain { get; init; }
    [OmitNull]
    public string? UserId { get; init; }
    [OmitNull]
    public string? ProjectId { get; init; }
    [OmitNull]
    public string? DomainId { get; init; }

    public static RevocationView Of(RevocationRow row)
    {
        var colon = row.Subject.IndexOf(':', StringComparison.Ordinal);
        var (kind, id) = (row.Subject[..colon], row.Subject[(colon + 1)..]);
        string? When(string name) => kind == name ? id : null;
        return new(row.IssuedBefore) { AuditId = When("audit"), Chain = When("chain"), UserId = When("user"), ProjectId = When("project"), DomainId = When("domain") };
    }
}

/// <summary>GET /v3/OS-REVOKE/events, for services that validate tokens themselves.</summary>
internal sealed class RevocationEventsApi(RevocationTable revocations)
{
    public void Map(RouteGroup v3) => v3.Get("/OS-REVOKE/events", List).Guard("identity:list_revoke_events").Fails(400);

    private async Task<Answer> List(Call call)
    {
        DateTimeOffset? since = call.Query["since"] is not { } text ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at
            : throw Errors.Invalid($"invalidate date format {text}");
        return Answer.Json(("events", (await revocations.Since(since)).Select(RevocationView.Of)), ("links", Listing.Links(call)));
    }
}
