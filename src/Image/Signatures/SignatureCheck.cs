using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Images;

namespace Nephos.Image.Signatures;

/// <summary>Refuses data that is not what its image's signature says it is.</summary>
internal sealed class SignatureCheck(ICertificateStore certificates, TimeProvider time)
{
    /// <summary>Does nothing for an image that has no signature.</summary>
    public async Task Verify(StoredImage image, string path, CancellationToken ct)
    {
        ImageSignature? signature;
        try { signature = ImageSignature.Of(image.Properties); }
        catch (FormatException e) { throw Refused(image, e.Message); }
        if (signature is null) return;
        var bytes = await certificates.Find(signature.Certificate, ct) ?? throw Refused(image, $"there is no certificate {signature.Certificate}");
        using var certificate = Read(bytes) ?? throw Refused(image, $"the certificate {signature.Certificate} cannot be read");
        if (signature.Refusal(certificate, await Digest(path, signature.Hash, ct), time.GetUtcNow()) is { } why) throw Refused(image, why);
    }

    private static async Task<byte[]> Digest(string path, HashAlgorithmName algorithm, CancellationToken ct)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        using var hash = Digests.New(algorithm);
        var block = new byte[1 << 20];
        while (await file.ReadAsync(block, ct) is > 0 and var read) hash.TransformBlock(block, 0, read, null, 0);
        hash.TransformFinalBlock([], 0, 0);
        return hash.Hash!;
    }

    private static X509Certificate2? Read(byte[] bytes)
    {
        try { return bytes.AsSpan().StartsWith("-----"u8) ? X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(bytes)) : X509CertificateLoader.LoadCertificate(bytes); }
        catch (CryptographicException) { return null; }
    }

    private static Fault Refused(StoredImage image, string why) => Fault.Invalid($"Signature verification failed for image {image.Id}: {why}.", "SignatureVerificationError");
}
