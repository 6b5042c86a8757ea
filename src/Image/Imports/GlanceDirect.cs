using Nephos.Contracts;
using Nephos.Image.Staging;

namespace Nephos.Image.Imports;

/// <summary>Data that a client staged before.</summary>
internal sealed class GlanceDirect(StagingArea staging) : ImportMethod
{
    public override string Name => "glance-direct";

    public override string From => "uploading";

    public override Fault WrongStatus() => Errors.Import("Image needs to be staged before 'glance-direct' method can be used");

    public override Task<Arrival> Fetch(ImportJob job, CancellationToken ct) =>
        job.Image.Row.Staged is { } facts && staging.SizeOf(job.Image.Id) == facts.Size ? Task.FromResult(new Arrival(facts))
            : throw Fault.Conflict("The staged data is not there any more; stage it again.");
}
