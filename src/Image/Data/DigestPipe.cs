using System.Buffers;
using System.Security.Cryptography;
using System.Threading.Channels;
using Nephos.Image.Images;

namespace Nephos.Image.Data;

/// <summary>
/// Copies a stream to a file while two digests are made of it, all three at once over one chain of pooled buffers: one after the
/// other they would reach half the speed of a disk.
/// </summary>
internal static class DigestPipe
{
    private const int BlockSize = 1 << 20, Depth = 8;

    /// <param name="source">Read to its end.</param>
    /// <param name="target">Gets the bytes.</param>
    /// <param name="algorithm">Of the second digest, as images name it; the first is MD5.</param>
    /// <param name="limit">More bytes than this are <see cref="Errors.TooLarge"/>.</param>
    /// <param name="copied">Told how many bytes have been written so far.</param>
    /// <param name="ct">Stops it; the target is then left unfinished.</param>
    public static async Task<DataFacts> Copy(Stream source, Stream target, string algorithm, long limit, Action<long>? copied, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var channels = new[] { Queue(), Queue(), Queue() };
        // MD5 is what clients compare; nothing rests on its strength.
        var md5 = Task.Run(() => Digest(HashAlgorithmName.MD5, channels[0].Reader, stop), CancellationToken.None);
        var sha = Task.Run(() => Digest(new HashAlgorithmName(algorithm.ToUpperInvariant()), channels[1].Reader, stop), CancellationToken.None);
        var write = Task.Run(() => Write(target, channels[2].Reader, copied, stop), CancellationToken.None);
        try
        {
            var size = await Read(source, channels, limit, stop.Token);
            await Task.WhenAll(md5, sha, write);
            return new DataFacts(size, null, await md5, await sha, algorithm);
        }
        catch (Exception first)
        {
            await stop.CancelAsync();
            foreach (var channel in channels) channel.Writer.TryComplete();
            await Task.WhenAll(Quiet(md5), Quiet(sha), Quiet(write));
            foreach (var channel in channels) while (channel.Reader.TryRead(out var left)) left.Release();
            // A consumer's failure shows in the reader as a cancellation only.
            if (first is OperationCanceledException && !ct.IsCancellationRequested && write.IsFaulted) await write;
            throw;
        }
    }

    private static async Task<long> Read(Stream source, Channel<Block>[] channels, long limit, CancellationToken ct)
    {
        long size = 0;
        while (true)
        {
            var block = new Block(channels.Length);
            try
            {
                block.Length = await Fill(source, block.Bytes, ct);
            }
            catch
            {
                block.Abandon();
                throw;
            }
            if (block.Length == 0) { block.Abandon(); break; }
            size += block.Length;
            var last = block.Length < BlockSize;
            if (size > limit) { block.Abandon(); throw Errors.TooLarge(); }
            foreach (var channel in channels) await channel.Writer.WriteAsync(block, ct);
            if (last) break;
        }
        foreach (var channel in channels) channel.Writer.Complete();
        return size;
    }

    private static async ValueTask<int> Fill(Stream source, byte[] bytes, CancellationToken ct)
    {
        var filled = 0;
        while (filled < BlockSize)
        {
            var read = await source.ReadAsync(bytes.AsMemory(filled, BlockSize - filled), ct);
            if (read == 0) break;
            filled += read;
        }
        return filled;
    }

    private static async Task<string> Digest(HashAlgorithmName name, ChannelReader<Block> blocks, CancellationTokenSource stop)
    {
        using var hash = IncrementalHash.CreateHash(name);
        await Consume(blocks, block => { hash.AppendData(block.Bytes, 0, block.Length); return ValueTask.CompletedTask; }, stop);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Task Write(Stream target, ChannelReader<Block> blocks, Action<long>? copied, CancellationTokenSource stop)
    {
        var total = 0L;
        return Consume(blocks, async block =>
        {
            await target.WriteAsync(block.Bytes.AsMemory(0, block.Length), stop.Token);
            copied?.Invoke(total += block.Length);
        }, stop);
    }

    private static async Task Consume(ChannelReader<Block> blocks, Func<Block, ValueTask> use, CancellationTokenSource stop)
    {
        try
        {
            while (await blocks.WaitToReadAsync(stop.Token))
                while (blocks.TryRead(out var block))
                {
                    try { await use(block); }
                    finally { block.Release(); }
                }
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static async Task Quiet(Task task)
    {
        try { await task; }
        catch (Exception) { /* The first failure is the one that is told. */ }
    }

    private static Channel<Block> Queue() => Channel.CreateBounded<Block>(new BoundedChannelOptions(Depth) { SingleReader = true, SingleWriter = true });

    /// <summary>A pooled buffer that goes back when its last reader is done with it.</summary>
    private sealed class Block(int readers)
    {
        private int _readers = readers;

        public byte[] Bytes { get; } = ArrayPool<byte>.Shared.Rent(BlockSize);
        public int Length { get; set; }

        public void Release()
        {
            if (Interlocked.Decrement(ref _readers) == 0) Abandon();
        }

        public void Abandon() => ArrayPool<byte>.Shared.Return(Bytes);
    }
}
