namespace Nephos.Contracts.Drivers;

/// <summary>Looks into disk images and converts them: unprivileged, with limits of time, memory and processor. Bytes are hostile.</summary>
public interface IImageTools
{
    /// <summary>Reads the header by our own parser; nothing is opened by an emulator.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Invalid"/> when the data claims a format it does not follow.</exception>
    Task<ImageFacts> Inspect(string path, CancellationToken ct);

    /// <summary>Writes <paramref name="source"/> (of a format named, never probed) to <paramref name="target"/>, stand-alone, as raw, qcow2, vdi, vhd, vhdx, vmdk, <c>vmdk-stream</c> (stream-optimized, compressed) or <c>qcow2-compressed</c>.</summary>
    Task Convert(string source, string sourceFormat, string target, string targetFormat, CancellationToken ct);
}

/// <summary>What is in an image file.</summary>
/// <param name="Format"><c>raw</c>, <c>qcow2</c>, <c>vmdk</c>, <c>vdi</c>, <c>vhd</c>, <c>vhdx</c>, <c>iso</c> ...</param>
/// <param name="VirtualSize">Bytes a guest would see.</param>
/// <param name="Danger">Why it must not be opened (backing file, data file, external extents, unknown features), or null.</param>
public sealed record ImageFacts(string Format, long VirtualSize, string? Danger);
