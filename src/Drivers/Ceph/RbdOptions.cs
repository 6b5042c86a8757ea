namespace Nephos.Drivers.Ceph;

/// <summary>A pool of block devices.</summary>
public sealed record RbdOptions
{
    public CephOptions Cluster { get; init; } = new();

    public string Pool { get; init; } = "images";

    /// <summary>Bytes of the objects that an image is kept in; a power of two, rounded down to one.</summary>
    public int ChunkSize { get; init; } = 8 << 20;
}
