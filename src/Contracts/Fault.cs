namespace Nephos.Contracts;

/// <summary>What went wrong, in the closed set of ways a cloud API can refuse. Each has one HTTP status.</summary>
public enum FaultKind
{
    /// <summary>400: the request itself is wrong.</summary>
    Invalid = 400,
    /// <summary>401: no token, or one that no longer counts.</summary>
    Unauthenticated = 401,
    /// <summary>403: known caller, not allowed; also a quota where the service's API says 403.</summary>
    Forbidden = 403,
    /// <summary>404: absent, or invisible to this caller.</summary>
    NotFound = 404,
    /// <summary>405: the path exists, the method does not.</summary>
    MethodNotAllowed = 405,
    /// <summary>406: an API version outside the served range.</summary>
    NotAcceptable = 406,
    /// <summary>409: the state of the thing forbids it, or somebody else was first.</summary>
    Conflict = 409,
    /// <summary>410: it was there and is gone for good.</summary>
    Gone = 410,
    /// <summary>412: an If-Match condition does not hold.</summary>
    PreconditionFailed = 412,
    /// <summary>413: the body or the quota asked for is too large.</summary>
    TooLarge = 413,
    /// <summary>415: a content type this operation does not take.</summary>
    UnsupportedMediaType = 415,
    /// <summary>416: a byte range outside the data.</summary>
    RangeNotSatisfiable = 416,
    /// <summary>429: too many requests.</summary>
    TooManyRequests = 429,
    /// <summary>500: our bug. The text never reaches a user; the request id does.</summary>
    Internal = 500,
    /// <summary>501: this cloud does not do that.</summary>
    NotImplemented = 501,
    /// <summary>503: a part that is needed cannot answer now.</summary>
    Unavailable = 503,
}

/// <summary>
/// A failure the user should see. Code below the API throws it; the service's face renders it in the service's own
/// error body. Any other exception is a bug and becomes a 500 that names only the request id.
/// </summary>
/// <param name="kind">The HTTP meaning.</param>
/// <param name="name">The upstream exception's name where clients read it (neutron's <c>type</c>, placement's code); else a word of ours.</param>
/// <param name="message">For the user: what was expected and what to do. Never holds a secret.</param>
public sealed class Fault(FaultKind kind, string name, string message) : Exception(message)
{
    /// <summary>The HTTP meaning.</summary>
    public FaultKind Kind => kind;

    /// <summary>The upstream name of the failure.</summary>
    public string Name => name;

    /// <summary>A second sentence for the body fields that some services have (neutron's <c>detail</c>).</summary>
    public string Detail { get; init; } = "";

    /// <summary>What an administrator may see besides <see cref="Exception.Message"/> (hosts, numbers), or null.</summary>
    public string? AdminDetail { get; init; }

    /// <summary>400 with the given sentence.</summary>
    public static Fault Invalid(string message, string name = "Invalid") => new(FaultKind.Invalid, name, message);
    /// <summary>403 with the given sentence.</summary>
    public static Fault Forbidden(string message, string name = "Forbidden") => new(FaultKind.Forbidden, name, message);
    /// <summary>404 with the given sentence.</summary>
    public static Fault NotFound(string message, string name = "NotFound") => new(FaultKind.NotFound, name, message);
    /// <summary>409 with the given sentence.</summary>
    public static Fault Conflict(string message, string name = "Conflict") => new(FaultKind.Conflict, name, message);
    /// <summary>503 with the given sentence.</summary>
    public static Fault Unavailable(string message, string name = "ServiceUnavailable") => new(FaultKind.Unavailable, name, message);
}
