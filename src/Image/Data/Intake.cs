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

    /// <summary>Stages what comes. When it fails, nothing is left.</summary>
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
            return facts with { VirtualSize = facts.Size > 0 ? await Inspect(staging.PathOf(image.Id), image.Row.DiskFormat, ct) : null };
        }
        catch (Exception e)
        {
            staging.Remove(image.Id);
            if (Translated(e) is { } fault) throw fault;
            throw;
        }
    }

    // What no inspector knows is taken as it is: it cannot be mistaken for something else later. What is known must be what it claims.
    private async Task<long?> Inspect(string path, string? claimed, CancellationToken ct)
    {
        var facts = await tools.Inspect(path, ct);
        if (facts.Danger is { } danger) throw Errors.Dangerous(danger);
        if (claimed is null) return null;
        if (facts.Format is not "raw" && !SameFormat(claimed, facts.Format)) throw Errors.WrongFormat(claimed, facts.Format);
        return facts.Format == "raw" && claimed is not ("raw" or "ami" or "ari" or "aki" or "iso") ? null : facts.VirtualSize;
    }

    private static bool SameFormat(string claimed, string real) => claimed == real || (claimed, real) switch
    {
        ("vhd", "vpc") or ("raw" or "ami", "gpt" or "mbr" or "iso" or "luks") or ("ari" or "aki", "gpt" or "mbr") => true,
        _ => false,
    };

    private static Fault? Translated(Exception e) => e switch
    {
        BadHttpRequestException => Errors.ShortBody(),
        IOException { HResult: var code } when (code & 0xffff) is NoSpace or QuotaFull => Errors.StoreFull(),
        _ => null,
    };
}
