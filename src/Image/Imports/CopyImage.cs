using Nephos.Contracts;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Stores;

namespace Nephos.Image.Imports;

/// <summary>Data that the image has in another store of this cloud.</summary>
internal sealed class CopyImage(ImageStores stores, Intake intake) : ImportMethod
{
    public const string MethodName = "copy-image";

    public override string Name => MethodName;

    public override string From => "active";

    public override Fault WrongStatus() => Errors.Import("Only images with status active can be targeted for copying");

    public override async Task<Arrival> Fetch(ImportJob job, CancellationToken ct)
    {
        var (image, row) = (job.Image, job.Image.Row);
        if (stores.LocalPath(image) is not null) return new Arrival(new DataFacts(row.Size!.Value, row.VirtualSize, row.Checksum!, row.OsHashValue!, row.OsHashAlgo!));
        await using var data = await stores.Open(image, 0, ct) ?? throw Fault.NotFound("Image not found in any configured store");
        var facts = await intake.Take(image, data, row.Size, job.Copied, ct);
        // What others keep was never looked at before.
        facts = facts with { VirtualSize = await intake.Approve(image.Id, "", row.DiskFormat!, row.ContainerFormat!, ct) };
        return row.OsHashValue is null || facts.Hash == row.OsHashValue ? new Arrival(facts) : throw Fault.Conflict("The data in the image's store is damaged: its hash is not the image's.");
    }
}
