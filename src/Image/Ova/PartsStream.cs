using Nephos.Contracts;

namespace Nephos.Image.Ova;

/// <summary>Parts of a file one after the other, to be read forwards; a part without a place is zeros.</summary>
internal sealed class PartsStream(FileStream file, IReadOnlyList<(long? Offset, long Length)> parts) : ForwardStream
{
    private int _part;
    private long _at;

    public PartsStream(FileStream file, TarEntry entry) : this(file, [(entry.Offset, entry.Size)]) { }

    public override long Length => parts.Sum(p => p.Length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_part < parts.Count && _at == parts[_part].Length) (_part, _at) = (_part + 1, 0);
        if (_part == parts.Count || buffer.Length == 0) return 0;
        var (offset, length) = parts[_part];
        var wanted = (int)Math.Min(buffer.Length, length - _at);
        if (offset is { } place)
        {
            wanted = await RandomAccess.ReadAsync(file.SafeFileHandle, buffer[..wanted], place + _at, cancellationToken);
            if (wanted == 0) throw new EndOfStreamException();
        }
        else buffer.Span[..wanted].Clear();
        _at += wanted;
        return wanted;
    }
}
