using System.Collections.Concurrent;
using Nephos.Contracts;

namespace Nephos.Compute.Tests.Fakes;

internal sealed class FakeImages : IImages
{
    public ConcurrentDictionary<Guid, ImageInfo> All { get; } = [];
    public ImageInfo Cirros { get; }

    /// <summary>No more images are made.</summary>
    public bool Refuse { get; set; }

    public FakeImages() => Cirros = Add(new ImageInfo
    {
        Id = NewId.Uuid(), Name = "cirros", Status = "active", Visibility = "public", DiskFormat = "qcow2", ContainerFormat = "bare",
        Size = 20 << 20, VirtualSize = 100 << 20, Hash = new string('a', 128),
    });

    public ImageInfo Add(ImageInfo image) => All[image.Id] = image;

    public Task<IReadOnlyList<ImageInfo>> Get(IReadOnlyList<Guid> ids, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<ImageInfo>>([.. ids.Where(All.ContainsKey).Select(i => All[i])]);
    public Task<Stream?> Open(Guid image, CancellationToken ct) => Task.FromResult<Stream?>(null);

    public Task Create(NewImage image, long epoch, CancellationToken ct)
    {
        if (Refuse) throw new Fault(FaultKind.TooLarge, "LimitExceeded", "The limit is reached.");
        All.TryAdd(image.Id, new ImageInfo
        {
            Id = image.Id, Name = image.Name, Status = "queued", Visibility = "private", Owner = image.ProjectId, DiskFormat = image.DiskFormat,
            ContainerFormat = image.ContainerFormat, MinDisk = image.MinDisk, MinRam = image.MinRam, Properties = image.Properties, CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(All.Count),
        });
        return Task.CompletedTask;
    }

    public Task PutData(Guid image, Stream data, CancellationToken ct) => Task.CompletedTask;

    public Task Delete(Guid image, long epoch, CancellationToken ct)
    {
        All.TryRemove(image, out _);
        return Task.CompletedTask;
    }
}
