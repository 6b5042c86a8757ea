using System.Buffers.Binary;

namespace Nephos.Drivers.Fake;

/// <summary>A valid qcow2 image without data, made without tools.</summary>
public static class EmptyQcow2
{
    const int Cluster = 65536;

    public static byte[] Bytes(long size)
    {
        size = (size + 511) / 512 * 512;
        // One L2 table covers 512 MiB; the L1 table has one entry for each.
        var entries = (int)((size + (512L << 20) - 1) / (512L << 20));
        var tableClusters = Math.Max(1, (entries * 8 + Cluster - 1) / Cluster);
        var clusters = 3 + tableClusters;
        var bytes = new byte[clusters * Cluster];
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), value);
        void U64(int at, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(at), value);
        U32(0, 0x514649fb);
        U32(4, 3);
        U32(20, 16);
        U64(24, (ulong)size);
        U32(36, (uint)entries);
        U64(40, 3 * Cluster);
        U64(48, Cluster);
        U32(56, 1);
        U32(96, 4);
        U32(100, 104);
        U64(Cluster, 2 * Cluster);
        for (var i = 0; i < clusters; i++) BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2 * Cluster + 2 * i), 1);
        return bytes;
    }
}
