namespace Nephos.Image.Exports;

/// <summary>A format to export images in.</summary>
/// <param name="Name">As requests name it.</param>
/// <param name="Target">What the tools call it.</param>
/// <param name="Compressed">What the tools call it compressed; null where the format cannot, or always is.</param>
/// <param name="Ending">Of the file's name.</param>
internal sealed record ExportFormat(string Name, string Target, string? Compressed, string Ending)
{
    public const string PackageName = "ova";

    public static readonly IReadOnlyList<ExportFormat> All =
    [
        new("raw", "raw", null, "raw"), new("qcow2", "qcow2", "qcow2-compressed", "qcow2"), new("vmdk", "vmdk", null, "vmdk"), new("vmdk-stream", "vmdk-stream", null, "vmdk"),
        new("vhd", "vhd", null, "vhd"), new("vhdx", "vhdx", null, "vhdx"), new("vdi", "vdi", null, "vdi"), new(PackageName, "vmdk-stream", null, "ova"),
    ];

    /// <summary>True for a disk within a package.</summary>
    public bool IsPackage => Name == PackageName;

    /// <summary>True when an image's data is in this format as it is: with others nobody knows which kind of it.</summary>
    public bool Is(string diskFormat) => diskFormat == Name && Name is ("raw" or "qcow2" or "vhdx" or "vdi");

    /// <summary>Reads the parameters of a request.</summary>
    public static (ExportFormat Format, bool Compress) Parse(string? name, string? compress)
    {
        var format = All.FirstOrDefault(f => f.Name == name) ?? throw ExportErrors.BadFormat(name);
        var wanted = compress?.ToLowerInvariant() switch { null or "false" => false, "true" => true, _ => throw ExportErrors.BadCompress(compress!) };
        if (wanted && format is { Compressed: null, Target: not "vmdk-stream" }) throw ExportErrors.NotCompressed(format.Name);
        return (format, wanted);
    }
}
