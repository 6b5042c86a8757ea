using Nephos.Contracts;

namespace Nephos.Image.Exports;

/// <summary>Every failure of exports that a user can see.</summary>
internal static class ExportErrors
{
    public static Fault BadFormat(string? name) => Fault.Invalid($"The parameter format must be one of {string.Join(", ", ExportFormat.All.Select(f => f.Name))}{(name is null ? "" : $", not '{name}'")}.");
    public static Fault BadCompress(string text) => Fault.Invalid($"The parameter compress must be true or false, not '{text}'.");
    public static Fault NotCompressed(string format) => Fault.Invalid($"The format {format} cannot be compressed; qcow2 can, vmdk-stream and ova always are.");
    public static Fault NotActive(string status) => Fault.Conflict($"Only active images can be exported; this one is {status}.");
    public static Fault NoDisk(string? disk, string? container) => Fault.Conflict($"Only disks can be exported; this image is {disk ?? "nothing yet"} in {container ?? "nothing"}. Download it instead.");
    public static Fault TooMany(int most) => Fault.Unavailable($"{most} images are exported already, which is as many as at once may be. Try again when one of them is done.");
    public static Fault NoData() => Fault.NotFound("Image not found in any configured store");
}
