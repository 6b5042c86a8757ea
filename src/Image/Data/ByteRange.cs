using System.Globalization;

namespace Nephos.Image.Data;

/// <summary>A part of the data: from an offset, so many bytes.</summary>
internal readonly record struct ByteRange(long Start, long Length)
{
    /// <summary>Reads <c>Range</c>, or <c>Content-Range</c> as old clients send it in requests; null for the whole.</summary>
    public static ByteRange? Parse(string? range, string? contentRange, long size)
    {
        if (range is not null)
        {
            if (range.Contains(',', StringComparison.Ordinal)) throw Errors.ManyRanges();
            return Range(range, size);
        }
        return contentRange is null ? null : ContentRange(contentRange, size);
    }

    private static ByteRange Range(string text, long size)
    {
        var bad = Errors.BadRange("Invalid Range header.");
        if (!text.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase)) throw bad;
        var parts = text[6..].Trim().Split('-');
        if (parts.Length != 2) throw bad;
        if (parts[0].Trim().Length == 0)
        {
            // The last so many bytes; more than there are means all.
            if (!Number(parts[1], out var suffix) || suffix == 0) throw bad;
            return suffix >= size ? new(0, size) : new(size - suffix, suffix);
        }
        if (!Number(parts[0], out var start)) throw bad;
        if (start >= size) throw Errors.BadRange($"Invalid start position in Range header. Start position MUST be in the inclusive range [0, {size - 1}].");
        if (parts[1].Trim().Length == 0) return new(start, size - start);
        if (!Number(parts[1], out var end) || end < start) throw bad;
        return new(start, Math.Min(end, size - 1) - start + 1);
    }

    private static ByteRange ContentRange(string text, long size)
    {
        var bad = Errors.BadRange("Invalid Content-Range header.");
        if (!text.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase)) throw bad;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var parts = (slash < 0 ? text[6..] : text[6..slash]).Split('-');
        if (slash < 0 || parts.Length != 2 || !Number(parts[0], out var start) || !Number(parts[1], out var end) || end < start) throw bad;
        if (start >= size) throw Errors.BadRange($"Invalid start position in Content-Range header. Start position MUST be in the inclusive range [0, {size - 1}].");
        if (end >= size) throw Errors.BadRange($"Invalid stop position in Content-Range header. The stop position MUST be in the inclusive range [0, {size - 1}].");
        return new(start, end - start + 1);
    }

    private static bool Number(string text, out long value) => long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
