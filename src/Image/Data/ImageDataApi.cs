using System.Buffers;
using Nephos.Image.Images;
using Nephos.Image.Stores;
using Nephos.Kernel.Api;

namespace Nephos.Image.Data;

/// <summary><c>/v2/images/{id}/file</c> and <c>/stage</c>: the bytes, streamed both ways.</summary>
internal sealed class ImageDataApi(ImageTable images, ImageData data, ImageStores stores)
{
    /// <summary>Names a store in a request.</summary>
    public const string StoreHeader = "x-image-meta-store";

    private const int CopySize = 256 << 10;

    public void Map(RouteGroup v2)
    {
        var one = v2.Member("/images/{image_id}", ImagesApi.Visible(images));
        one.Put("/file", Upload).Policy("upload_image", Rules.Member, "Upload an image's data").Raw().Returns(204).Fails(400, 409, 410, 413, 415);
        one.Get("/file", Download).Policy("download_image", Rules.Download, "Download an image's data").Raw().Fails(400, 416);
        one.Put("/stage", Stage).Policy(Rules.ModifyImage, Rules.Member, "Stage an image's data for an import").Raw().Returns(204).Fails(400, 409, 410, 413, 415);
    }

    private async Task<Answer> Upload(Call call, StoredImage image)
    {
        RequireBytes(call);
        var store = call.Header(StoreHeader) is not { } named ? stores.Default : stores.Find(named) ?? throw Errors.UnknownStore(named);
        await data.Upload(image, call.BodyStream, call.BodyLength, store, call.Cancel);
        return Answer.Empty;
    }

    private async Task<Answer> Stage(Call call, StoredImage image)
    {
        RequireBytes(call);
        await data.Stage(image, call.BodyStream, call.BodyLength, call.Cancel);
        return Answer.Empty;
    }

    private async Task<Answer> Download(Call call, StoredImage image)
    {
        if (image.Row.Status == "deactivated" && !ImagesApi.IsAdmin(call)) throw Errors.Deactivated();
        if (image.Row is not { HasData: true, Size: { } size }) return Answer.Empty.As(204);
        var range = ByteRange.Parse(call.Header("Range"), call.Header("Content-Range"), size);
        var (start, length) = range is { } part ? (part.Start, part.Length) : (0, size);
        await using var bytes = await data.Open(image, start, call.Cancel);
        if (bytes is null) return Answer.Empty.As(204);
        var headers = new List<(string, string)>();
        if (image.Row.Checksum is { } md5) headers.Add(("Content-MD5", md5));
        if (range is { } r) headers.Add(("Content-Range", $"bytes {r.Start}-{r.Start + r.Length - 1}/{size}"));
        await Copy(bytes, call.Respond(range is null ? 200 : 206, "application/octet-stream", length, [.. headers]), length, call.Cancel);
        return Answer.Written;
    }

    private static void RequireBytes(Call call)
    {
        if (call.BodyType != "application/octet-stream") throw Errors.BadType(call.BodyType.Length == 0 ? null : call.BodyType);
    }

    private static async Task Copy(Stream from, Stream to, long length, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopySize);
        try
        {
            while (length > 0)
            {
                var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), ct);
                // Fewer bytes than promised: the length was sent, so only a broken connection can tell the client.
                if (read == 0) throw new EndOfStreamException("The image's data is shorter than its row says.");
                await to.WriteAsync(buffer.AsMemory(0, read), ct);
                length -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
