using Nephos.Contracts;
using Nephos.Image.Signatures;
using Nephos.Image.Staging;

namespace Nephos.Image.Imports;

/// <summary>Data that a client staged before.</summary>
internal sealed class GlanceDirect(StagingArea staging, SignatureCheck signatures) : ImportMethod
{
    public override string Name => "glance-direct";

    public override string From => "uploading";

    public override Fault WrongStatus() => Errors.Import("Image needs to be staged before 'glance-direct' method can be used");

    public override async Task<Arrival> Fetch(ImportJob job, CancellationToken ct)
    {
        if (job.Image.Row.Staged is not { } facts || staging.SizeOf(job.Image.Id) != facts.Size) throw Fault.Conflict("The staged data is not there any more; stage it again.");
        // The image may have got its signature after its data.
        await signatures.Verify(job.Image, staging.PathOf(job.Image.Id), ct);
        return new Arrival(facts);
    }
}
