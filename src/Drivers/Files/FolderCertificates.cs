using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Files;

/// <summary>Certificates as files of one folder: <c>UUID.pem</c>. Without a folder there are none.</summary>
public sealed class FolderCertificates(string? folder) : ICertificateStore
{
    public async Task<byte[]?> Find(Guid id, CancellationToken ct)
    {
        if (folder is null) return null;
        try { return await File.ReadAllBytesAsync(Path.Combine(folder, $"{id}.pem"), ct); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return null; }
    }
}
