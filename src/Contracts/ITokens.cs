namespace Nephos.Contracts;

/// <summary>The one question the API pipeline asks of Identity.</summary>
public interface ITokens
{
    /// <summary>
    /// The caller behind a token, with roles as they are now; null if the token is unknown, expired or revoked.
    /// No I/O when the token was seen since the last change to identity.
    /// </summary>
    /// <exception cref="Fault"><see cref="FaultKind.Unavailable"/> when the database cannot be asked: never an answer from a stale cache.</exception>
    ValueTask<Caller?> Validate(string token, CancellationToken ct);
}
