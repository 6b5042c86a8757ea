namespace Nephos.Image.Ova;

/// <summary>Parts of a file one after the other, to be read forwards; a part without a place is zeros.</summary>
internal sealed class PartsStream(FileStream file, IReadOnlyList<(long? Offset, long Length)> parts) : Stream
{
    private int _part;
    private long _at;

    public PartsStream(FileStream file, TarEntry entry) : this(file, [(entry.Offset, entry.Size)]) { }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => parts.Sum(p => p.Length);
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
