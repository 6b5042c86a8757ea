using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Ova;
using Nephos.Image.Protection;
using Nephos.Kernel.Api;

namespace Nephos.Image.Exports;

/// <summary><c>GET /v2/images/{id}/export</c>: an image's disk in another format. Ours alone.</summary>
internal sealed class ExportsApi(ImageTable images, ImageData data, ExportFiles exports, PropertyProtection protection)
{
    private const int CopySize = 1 << 20;
    private static readonly string[] Disks = ["raw", "ami", "qcow2", "vmdk", "vhd", "vhdx", "vdi", "ploop"];
    private static readonly string[] Containers = ["bare", "ami", "ovf"];

    public void Map(RouteGroup v2) => v2.Member("/images/{image_id}", ImagesApi.Visible(images))
        .Get("/export", Run).Policy("export_image", Rules.Download, "Download an image's disk in another format").Also("download_image", Rules.Download, "Download an image's data").Raw().Fails(400, 409, 503);

    private async Task<Answer> Run(Call call, StoredImage image)
    {
        var (format, compress) = ExportFormat.Parse(call.Query["format"], call.Query["compress"]);
        call.Authorize("download_image", image.Target);
        if (image.Row.Status == "deactivated" && !ImagesApi.IsAdmin(call)) throw Errors.Deactivated();
        if (image.Row is not { HasData: true, Size: { } size }) throw ExportErrors.NotActive(image.Row.Status);
        var (disk, container) = (image.Row.DiskFormat, image.Row.ContainerFormat);
        if (!Disks.Contains(disk) || !Containers.Contains(container)) throw ExportErrors.NoDisk(disk, container);
        if (format.Is(disk!) && !compress)
        {
            await using var bytes = await data.Open(image, 0, call.Cancel) ?? throw ExportErrors.NoData();
            await bytes.CopyToAsync(Respond(call, image, format, size), CopySize, call.Cancel);
            return Answer.Written;
        }
        await using var export = await exports.Make(image, compress && format.Compressed is { } packed ? packed : format.Target, call.Cancel);
        if (format.IsPackage)
        {
            var package = await OvaFile.Of(protection.Readable(call, image), export.File, export.VirtualSize, call.Cancel);
            await package.Write(Respond(call, image, format, package.Length), call.Cancel);
        }
        else await export.File.CopyToAsync(Respond(call, image, format, export.File.Length), CopySize, call.Cancel);
        return Answer.Written;
    }

    private static Stream Respond(Call call, StoredImage image, ExportFormat format, long length) =>
        call.Respond(200, "application/octet-stream", length, ("Content-Disposition", $"attachment; filename=\"{OvaFile.NameOf(image)}.{format.Ending}\""));
}
