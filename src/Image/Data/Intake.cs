using Microsoft.AspNetCore.Http;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Images;
using Nephos.Image.Signatures;
using Nephos.Image.Staging;

namespace Nephos.Image.Data;

/// <summary>The only way for data into this cloud: to the staging area, its digests made on the way, and looked at before anything else reads it.</summary>
internal sealed class Intake(StagingArea staging, IImageTools tools, SignatureCheck signatures, ImageOptions options)
{
    private const int NoSpace = 28, QuotaFull = 122;

    /// <summary>Stages what comes; what can never be what the image claims is refused. When it fails, nothing is left.</summary>
    /// <param name="image">Whose data it is.</param>
    /// <param name="source">Read to its end.</param>
    /// <param name="length">How long it was said to be.</param>
    /// <param name="copied">Told how many bytes have come.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<DataFacts> Take(StoredImage image, Stream source, long? length, Action<long>? copied, CancellationToken ct)
    {
        if (length > options.MaxImage) throw Errors.TooLarge();
        try
        {
            DataFacts facts;
            await using (var file = staging.Create(image.Id))
            {
                // What is copied is compared with what is known, by the algorithm of then.
                facts = await DigestPipe.Copy(source, file, image.Row.OsHashAlgo ?? options.HashAlgorithm, options.MaxImage, copied, ct);
            }
            if (length is { } promised && promised != facts.Size) throw Errors.ShortBody();
            FormatCheck.AtFirst(await tools.Inspect(staging.PathOf(image.Id), ct), image.Row.DiskFormat);
            await signatures.Verify(image, staging.PathOf(image.Id), ct);
            return facts;
        }
        catch (Exception e)
        {
            staging.Remove(image.Id);
            if (Translated(e) is { } fault) throw fault;
            throw;
        }
    }

    /// <summary>Writes what an import makes of staged data beside it. When it fails, nothing is left of it.</summary>
    public async Task<DataFacts> Put(Guid image, string part, Stream source, Action<long>? copied, CancellationToken ct)
    {
        try
        {
            await using var file = staging.Create(image, part);
            return await DigestPipe.Copy(source, file, options.HashAlgorithm, options.MaxImage, copied, ct);
        }
        catch (Exception e)
        {
            File.Delete(staging.PathOf(image, part));
            if (Translated(e) is { } fault) throw fault;
            throw;
        }
    }

    /// <summary>The last look at staged data before it is the image's. The size a guest sees, if known.</summary>
    public async Task<long?> Approve(Guid image, string form, string disk, string container, CancellationToken ct) =>
        FormatCheck.AtLast(await tools.Inspect(staging.PathOf(image, form), ct), disk, container, options.RequireFormatMatch);

    /// <summary>What is known of data that this cloud made itself of what came.</summary>
    public async Task<DataFacts> Measure(Guid image, string form, CancellationToken ct)
    {
        await using var file = new FileStream(staging.PathOf(image, form), new FileStreamOptions { Access = FileAccess.Read, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        return await DigestPipe.Copy(file, Stream.Null, options.HashAlgorithm, options.MaxImage, null, ct);
    }

    private static Fault? Translated(Exception e) => e switch
    {
        BadHttpRequestException => Errors.ShortBody(),
        IOException { HResult: var code } when (code & 0xffff) is NoSpace or QuotaFull => Errors.StoreFull(),
        _ => null,
    };
}
