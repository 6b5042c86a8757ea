namespace Nephos.Contracts.Drivers;

/// <summary>Makes config drives.</summary>
public interface IConfigDriveMaker
{
    /// <summary>Writes an ISO 9660 file (Joliet, Rock Ridge, label <c>config-2</c>) with these files by path within it. Replaces an older one; what is unfinished lies beside it.</summary>
    Task Make(string path, IReadOnlyDictionary<string, byte[]> files, CancellationToken ct);
}
