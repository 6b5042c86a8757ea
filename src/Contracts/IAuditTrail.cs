namespace Nephos.Contracts;

/// <summary>Keeps who did what to what, from where, and what came of it.</summary>
public interface IAuditTrail
{
    /// <summary>Takes an event, to be written in a moment. Waits while too many wait already, so that none is lost.</summary>
    Task Record(AuditEvent happened);

    /// <summary>A page, the newest first; with all that this process took before.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Invalid"/> for a marker that is no event.</exception>
    Task<IReadOnlyList<AuditEvent>> Find(AuditQuery asked, CancellationToken ct);
}

/// <summary>One request as auditors see it: never its query, its headers or a body.</summary>
public sealed record AuditEvent
{
    /// <summary>Of this event alone, in the whole cloud.</summary>
    public required Guid Id { get; init; }
    /// <summary>When it was answered.</summary>
    public required DateTimeOffset At { get; init; }
    /// <summary>Type of the service asked.</summary>
    public required string Service { get; init; }
    /// <summary>What the service is in CADF's terms: <c>service/compute</c>.</summary>
    public required string ServiceKind { get; init; }
    /// <summary><c>create</c>, <c>read</c>, <c>update</c>, <c>delete</c>, <c>authenticate</c>, or <c>update/NAME</c>.</summary>
    public required string Action { get; init; }
    /// <summary>HTTP status of the answer.</summary>
    public required long Status { get; init; }
    /// <summary>What it was done to in CADF's terms: <c>service/compute/servers</c>.</summary>
    public required string TargetKind { get; init; }
    /// <summary>Its id, or null if there is none.</summary>
    public string? TargetId { get; init; }
    /// <summary>The id of what it is a part of, or null.</summary>
    public string? ContainerId { get; init; }
    /// <summary>Path below the service without what is secret in it; null for one that the service does not know.</summary>
    public string? Path { get; init; }
    /// <summary>Who, as far as that was proved or somebody tried to prove it; null for a stranger.</summary>
    public string? UserId { get; init; }
    /// <summary>The user's name.</summary>
    public string? UserName { get; init; }
    /// <summary>The domain that owns the user.</summary>
    public string? UserDomainId { get; init; }
    /// <summary>For which project.</summary>
    public string? ProjectId { get; init; }
    /// <summary>For which domain.</summary>
    public string? DomainId { get; init; }
    /// <summary>The trust by whose leave.</summary>
    public string? TrustId { get; init; }
    /// <summary>Who gave that trust.</summary>
    public string? TrustorId { get; init; }
    /// <summary>Who really acted by that trust.</summary>
    public string? TrusteeId { get; init; }
    /// <summary>The application credential by whose leave.</summary>
    public string? ApplicationCredentialId { get; init; }
    /// <summary>The service that asked on the user's behalf.</summary>
    public string? ServiceUserId { get; init; }
    /// <summary>Address of the client.</summary>
    public required string Address { get; init; }
    /// <summary>What the client calls itself.</summary>
    public string? Agent { get; init; }
    /// <summary><c>req-...</c>, also in the answer and in logs.</summary>
    public required string RequestId { get; init; }
    /// <summary>The client's own request id.</summary>
    public string? GlobalRequestId { get; init; }
}

/// <summary>Which events somebody wants; null is any.</summary>
public sealed record AuditQuery
{
    /// <summary>By this user, also through a trust.</summary>
    public string? UserId { get; init; }
    /// <summary>For this project.</summary>
    public string? ProjectId { get; init; }
    /// <summary>To this thing or a part of it.</summary>
    public string? TargetId { get; init; }
    /// <summary>Of this type of service.</summary>
    public string? Service { get; init; }
    /// <summary>This action; one without a slash stands for all its kinds.</summary>
    public string? Action { get; init; }
    /// <summary>What came of it.</summary>
    public bool? Succeeded { get; init; }
    /// <summary>Not before.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>The id of the last event of the page before.</summary>
    public string? Marker { get; init; }
    /// <summary>How many at most.</summary>
    public required int Limit { get; init; }
}
