using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Data;
using Nephos.Image.Images;
using Nephos.Image.Staging;
using Nephos.Image.Tasks;

namespace Nephos.Image.Imports;

/// <summary>What this cloud makes of imported data before it is an image's, where its operator wants it: unpacked, in one format, with properties of the operator's.</summary>
internal sealed class ImportPlugins(StagingArea staging, Intake intake, IImageTools tools, ImageOptions options)
{
    public const string Decompression = "image_decompression", Conversion = "image_conversion", Injection = "inject_image_metadata";

    /// <summary>Those there are; the first is upstream's word for none.</summary>
    public static readonly string[] Names = ["no_op", Decompression, Conversion, Injection];

    private const string Unpacked = "unpacked", Converted = "converted";
    private static readonly string[] Packed = ["gzip", "zip", "xz", "lzma"];

    /// <summary>Formats of disks that can be turned into others; kernels and discs stay as they are.</summary>
    private static readonly string[] Convertible = ["raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi"];

    /// <summary>What an import by a caller adds to the image.</summary>
    public ImageChanges? Injected(Caller caller) =>
        Has(Injection) && options.InjectedProperties.Count > 0 && !options.InjectNotFor.Any(caller.HasRole) ? new ImageChanges { Properties = options.InjectedProperties } : null;

    /// <summary>The data unpacked, in a file beside it; null where it stays as it is.</summary>
    public async Task<Shape?> Decompress(Staged data, TaskProgress progress, CancellationToken ct)
    {
        if (!Has(Decompression) || data.Container == "compressed") return null;
        var (image, path) = (data.Image.Id, staging.PathOf(data.Image.Id, data.Form));
        var facts = await tools.Inspect(path, ct);
        if (!Packed.Contains(facts.Format)) return null;
        await tools.Unpack(path, facts.Format, staging.PathOf(image, Unpacked), Math.Min(options.MaxImage, options.MaxUnpacked), progress.Unpacked, ct);
        FormatCheck.AtFirst(await tools.Inspect(staging.PathOf(image, Unpacked), ct), data.Disk);
        return new Shape(Unpacked, await intake.Measure(image, Unpacked, ct), null);
    }

    /// <summary>The data in the format the operator wants, in a file beside it; null where it stays as it is.</summary>
    public async Task<Shape?> Convert(Staged data, TaskProgress progress, CancellationToken ct)
    {
        if (!Has(Conversion) || data.Container is not ("bare" or "ovf") || data.Disk == options.ConvertTo || !Convertible.Contains(data.Disk)) return null;
        var image = data.Image.Id;
        await intake.Approve(image, data.Form, data.Disk, data.Container, ct);
        await tools.Convert(staging.PathOf(image, data.Form), data.Disk, staging.PathOf(image, Converted), options.ConvertTo, progress.Converted, ct);
        return new Shape(Converted, await intake.Measure(image, Converted, ct), new ImageChanges { DiskFormat = options.ConvertTo, ContainerFormat = "bare" });
    }

    private bool Has(string plugin) => options.ImportPlugins.Contains(plugin);
}

/// <summary>Staged data on its way through an import.</summary>
/// <param name="Image">The image as it is.</param>
/// <param name="Form">Which of the staging area's files the data is in.</param>
/// <param name="Disk">The disk format it claims by now.</param>
/// <param name="Container">The container format it claims by now.</param>
internal sealed record Staged(StoredImage Image, string Form, string Disk, string Container);

/// <summary>Data in another form than it came.</summary>
/// <param name="Form">Which of the staging area's files it is.</param>
/// <param name="Facts">What is known of it.</param>
/// <param name="Changes">What the image becomes by it, or null.</param>
internal sealed record Shape(string Form, DataFacts Facts, ImageChanges? Changes);
