using Nephos.Contracts.Drivers;

namespace Nephos.Image.Data;

/// <summary>Compares what an image claims to be with what its data is; pure.</summary>
internal static class FormatCheck
{
    private static readonly string[] Compressed = ["gzip", "bzip2", "xz", "lzma", "zip", "zstd", "lz4"];

    /// <summary>Formats whose bytes a guest sees as they are: anything but the header of a virtual disk.</summary>
    private static readonly string[] Plain = ["raw", "ami", "ari", "aki"];
    private static readonly string[] PlainData = ["raw", "iso", "luks", "tar", .. Compressed];

    /// <summary>Refuses data that can never become what the image claims, whatever an import does to it.</summary>
    public static void AtFirst(ImageFacts facts, string? disk)
    {
        if (facts.Danger is { } danger) throw Errors.Dangerous(danger);
        if (disk is not null && !PlainData.Contains(facts.Format) && facts.Format != disk) throw Errors.WrongFormat(disk, facts.Format);
    }

    /// <summary>Refuses data that is not what the image claims. The size a guest would see, or null if nobody knows.</summary>
    /// <param name="facts">What the inspection found.</param>
    /// <param name="disk">The disk format claimed.</param>
    /// <param name="container">The container format claimed.</param>
    /// <param name="strict">False: data that no inspector knows may be of any format.</param>
    public static long? AtLast(ImageFacts facts, string disk, string container, bool strict)
    {
        AtFirst(facts, disk);
        return container switch
        {
            "compressed" => Compressed.Contains(facts.Format) || Unknown(facts, strict) ? null : throw Errors.WrongContainer(container, facts.Format),
            "ova" => facts.Format == "tar" || Unknown(facts, strict) ? null : throw Errors.WrongContainer(container, facts.Format),
            "docker" => facts.Format is "tar" or "gzip" || Unknown(facts, strict) ? null : throw Errors.WrongContainer(container, facts.Format),
            _ => Disk(facts, disk, strict),
        };
    }

    /// <summary>True if the data of an import may still be turned into what the image claims.</summary>
    public static bool IsCompressed(ImageFacts facts) => Compressed.Contains(facts.Format);

    private static long? Disk(ImageFacts facts, string disk, bool strict)
    {
        if (Plain.Contains(disk)) return facts.VirtualSize;
        if (facts.Format == disk) return facts.VirtualSize;
        return Unknown(facts, strict) ? null : throw Errors.WrongFormat(disk, facts.Format == "raw" ? "none that is known" : facts.Format);
    }

    private static bool Unknown(ImageFacts facts, bool strict) => !strict && facts.Format == "raw";
}
