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

    public async Task Convert(string source, string sourceFormat, string target, string targetFormat, CancellationToken ct)
    {
        var facts = await Inspect(source, ct);
        if (facts.Danger is { } danger) throw Fault.Invalid($"The image is refused: {danger}", "ImageDangerous");
        await using var file = File.Create(target);
        file.SetLength(facts.VirtualSize);
    }
}
