using Microsoft.AspNetCore.Http;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Images;
using Nephos.Image.Staging;

namespace Nephos.Image.Data;

/// <summary>The only way for data into this cloud: to the staging area, its digests made on the way, and looked at before anything else reads it.</summary>
internal sealed class Intake(StagingArea staging, IImageTools tools, ImageOptions options)
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
                var (size, md5, sha) = await DigestPipe.Copy(source, file, options.MaxImage, copied, ct);
                facts = new DataFacts(size, null, md5, sha);
            }
            if (length is { } promised && promised != facts.Size) throw Errors.ShortBody();
            FormatCheck.AtFirst(await tools.Inspect(staging.PathOf(image.Id), ct), image.Row.DiskFormat);
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
            var (size, md5, sha) = await DigestPipe.Copy(source, file, options.MaxImage, copied, ct);
            return new DataFacts(size, null, md5, sha);
        }
        catch (Exception e)
        {
            File.Delete(staging.PathOf(image, part));
            if (Translated(e) is { } fault) throw fault;
            throw;
        }
    }

    /// <summary>The last look at staged data before it is the image's. The size a guest sees, if known.</summary>
    public async Task<long?> Approve(Guid image, string disk, string container, CancellationToken ct) =>
        FormatCheck.AtLast(await tools.Inspect(staging.PathOf(image), ct), disk, container, options.RequireFormatMatch);

    private static Fault? Translated(Exception e) => e switch
    {
        BadHttpRequestException => Errors.ShortBody(),
        IOException { HResult: var code } when (code & 0xffff) is NoSpace or QuotaFull => Errors.StoreFull(),
        _ => null,
    };
}
