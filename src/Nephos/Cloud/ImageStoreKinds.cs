using Nephos.Contracts.Drivers;
using Nephos.Drivers.Ceph;
using Nephos.Drivers.Files;
using Nephos.Drivers.Http;
using Nephos.Drivers.Swift;
using Nephos.Image;
using Nephos.Image.Stores;

namespace Nephos.Cloud;

/// <summary>Opens the stores that <c>image.conf</c> names; without any, one of files in the state folder.</summary>
static class ImageStoreKinds
{
    public static IEnumerable<NamedStore> Open(ImageOptions options, string folder) => options.Stores.Count == 0
        ? [new NamedStore("file", new FileImageStore(folder))]
        : options.Stores.Select(s => new NamedStore(s.Id, Open(s), s.Description));

    static IImageStore Open(StoreOptions store) => store.Type switch
    {
        "swift" => Swift(store.Swift!),
        "rbd" => Rbd(store.Id, store.Rbd ?? new()),
        "http" => new HttpImageStore(),
        _ => Files(store),
    };

    static SwiftImageStore Swift(SwiftStoreOptions swift) => new(new SwiftOptions
    {
        AuthUrl = swift.AuthAddress, AuthVersion = swift.AuthVersion, User = swift.User, Key = swift.Key!, Project = swift.Project, UserDomain = swift.UserDomain, ProjectDomain = swift.ProjectDomain,
        Region = swift.Region, Interface = swift.Interface, Container = swift.Container, PartSize = (long)swift.PartMib << 20,
    });

    static RbdImageStore Rbd(string id, RbdStoreOptions rbd) => RbdImageStore.IsSupported
        ? new(new RbdOptions { Pool = rbd.Pool, ChunkSize = rbd.ChunkMib << 20, Cluster = new CephOptions { ConfFile = rbd.ConfFile, User = rbd.User, ConnectTimeout = rbd.ConnectTimeout } })
        : throw new InvalidOperationException($"The image store {id} cannot be opened: the library librbd.so.1 is not installed (on Debian: apt-get install librbd1).");

    static FileImageStore Files(StoreOptions store)
    {
        try { return new FileImageStore(store.Folder!); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new InvalidOperationException($"The image store {store.Id} cannot be opened: {e.Message}", e); }
    }
}
