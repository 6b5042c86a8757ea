using Nephos.Contracts;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.ImageTools;

/// <summary>Looks into images as the real tools do, and "converts" by making an empty file of the size a guest would see: pretended guests read nothing.</summary>
public sealed class PretendedImageTools : IImageTools
{
    public async Task<ImageFacts> Inspect(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        return await Inspection.Of(file, ct);
    }

    public async Task Convert(string source, string sourceFormat, string target, string targetFormat, Action<int>? percent, CancellationToken ct)
    {
        var facts = await Inspect(source, ct);
        if (facts.Danger is { } danger) throw Fault.Invalid($"The image is refused: {danger}", "ImageDangerous");
        await using var file = File.Create(target);
        file.SetLength(facts.VirtualSize);
    }

    public Task Unpack(string source, string format, string target, long limit, Action<long>? written, CancellationToken ct) => format is "gzip" or "zip"
        ? Unpacking.Run(source, format, target, limit, written, ct)
        : throw Fault.Invalid($"Data packed by {format} is unpacked by a program, and pretended hosts run none.", "FormatUnsupported");
}
