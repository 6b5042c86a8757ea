using System.Collections.Concurrent;
using Nephos.Contracts;
using Nephos.Image.Data;
using Nephos.Image.Images;

namespace Nephos.Image.Imports;

/// <summary>Data of an image of another region's image service, with some of its properties.</summary>
internal sealed class GlanceDownload(PeerGlance peers, Intake intake, ImageOptions options) : ImportMethod
{
    // Tokens are never written down; after a restart the user asks again.
    private readonly ConcurrentDictionary<Guid, Secret> _tokens = [];

    public override string Name => "glance-download";

    public override Task Check(ImportRequest request, CancellationToken ct)
    {
        foreach (var name in (string[])["glance_region", "glance_image_id"])
            if (request.Text(name) is null) throw Errors.BadImport($"'{name}' needs to be set for glance-download import method");
        return Guid.TryParse(request.Text("glance_image_id"), out _) ? Task.CompletedTask
            : throw Errors.BadImport($"Remote image id does not look like a UUID: {request.Text("glance_image_id")}");
    }

    public override void Remember(Guid task, Secret token) => _tokens[task] = token;

    public override void Forget(Guid task) => _tokens.TryRemove(task, out _);

    public override async Task<Arrival> Fetch(ImportJob job, CancellationToken ct)
    {
        var token = _tokens.GetValueOrDefault(job.Task) ?? throw Fault.Conflict("The program was restarted before the image was fetched; import it again.");
        var peer = await peers.At(job.Request.Text("glance_region")!, job.Request.Text("glance_service_interface") ?? "public", token, ct);
        var id = Guid.Parse(job.Request.Text("glance_image_id")!);
        var remote = await peer.Show(id, ct);
        var changes = new ImageChanges
        {
            DiskFormat = remote.DiskFormat, ContainerFormat = remote.ContainerFormat,
            Properties = remote.Properties.Where(p => options.DownloadedProperties.Any(prefix => p.Key.StartsWith(prefix, StringComparison.Ordinal))).ToDictionary(),
        };
        await using var data = await peer.Open(id, ct);
        var claims = job.Image with { Row = job.Image.Row with { DiskFormat = remote.DiskFormat, ContainerFormat = remote.ContainerFormat } };
        return new Arrival(await intake.Take(claims, data, remote.Size, job.Copied, ct), changes);
    }
}
