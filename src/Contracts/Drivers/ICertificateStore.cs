namespace Nephos.Contracts.Drivers;

/// <summary>Certificates that users name by id: a folder of the operator's now, the key manager when there is one.</summary>
public interface ICertificateStore
{
    /// <summary>A certificate in PEM or DER, or null if there is no such.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Unavailable"/> when nobody can be asked.</exception>
    Task<byte[]?> Find(Guid id, CancellationToken ct);
}
