using Nephos.Image.Data;
using Nephos.Image.Web;

namespace Nephos.Image.Imports;

/// <summary>Data of a web server that the user names.</summary>
internal sealed class WebDownload(WebReader web, Intake intake) : ImportMethod
{
    public override string Name => "web-download";

    public override Task Check(ImportRequest request, CancellationToken ct) => web.Check(Url(request), ct);

    public override async Task<Arrival> Fetch(ImportJob job, CancellationToken ct)
    {
        var data = await web.Open(Url(job.Request), 0, ct);
        await using var bytes = data.Bytes;
        return new Arrival(await intake.Take(job.Image, bytes, data.Length, job.Copied, ct));
    }

    private static string Url(ImportRequest request) => request.Text("uri") ?? throw Errors.BadImport("'uri' needs to be set for web-download import method");
}
