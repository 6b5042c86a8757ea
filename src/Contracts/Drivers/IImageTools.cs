namespace Nephos.Contracts.Drivers;

/// <summary>Looks into disk images and converts them: unprivileged, with limits of time, memory and processor. Bytes are hostile.</summary>
public interface IImageTools
{
    /// <summary>Reads the header by our own parser; nothing is opened by an emulator.</summary>
    /// <exception cref="Fault"><see cref="FaultKind.Invalid"/> when the data claims a format it does not follow.</exception>
    Task<ImageFacts> Inspect(string path, CancellationToken ct);

    /// <summary>Writes <paramref name="source"/> to <paramref name="target"/> in another format, stand-alone. To have it on the disk is for those who need that.</summary>
    /// <param name="source">A file.</param>
    /// <param name="sourceFormat">Its format, as images name it; never probed.</param>
    /// <param name="target">The file to be made; it appears when it is whole.</param>
    /// <param name="targetFormat"><c>raw</c>, <c>qcow2</c>, <c>qcow2-compressed</c>, <c>vmdk</c>, <c>vmdk-stream</c> (stream-optimized, compressed), <c>vhd</c>, <c>vhdx</c> or <c>vdi</c>.</param>
    /// <param name="percent">Told how far it is; null where nobody asks.</param>
    /// <param name="ct">Stops it; nothing is left then.</param>
    Task Convert(string source, string sourceFormat, string target, string targetFormat, Action<int>? percent, CancellationToken ct);

    /// <summary>Writes what is in compressed data to a file; blocks of zeros become holes.</summary>
    /// <param name="source">A file.</param>
    /// <param name="format">What <see cref="Inspect"/> called it: <c>gzip</c>, <c>zip</c> of one file, <c>xz</c> or <c>lzma</c>.</param>
    /// <param name="target">The file to be made.</param>
    /// <param name="limit">Bytes it may have at most: a few compressed ones may stand for any number.</param>
    /// <param name="written">Told how many it has so far; null where nobody asks.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="Fault"><see cref="FaultKind.TooLarge"/> beyond the limit, <see cref="FaultKind.Invalid"/> for damaged data.</exception>
    Task Unpack(string source, string format, string target, long limit, Action<long>? written, CancellationToken ct);
}

/// <summary>What is in an image file.</summary>
/// <param name="Format"><c>raw</c>, <c>qcow2</c>, <c>vmdk</c>, <c>vdi</c>, <c>vhd</c>, <c>vhdx</c>, <c>iso</c> ...</param>
/// <param name="VirtualSize">Bytes a guest would see.</param>
/// <param name="Danger">Why it must not be opened (backing file, data file, external extents, unknown features), or null.</param>
public sealed record ImageFacts(string Format, long VirtualSize, string? Danger);
