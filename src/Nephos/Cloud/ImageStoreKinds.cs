using Nephos.Contracts.Drivers;
using Nephos.Drivers.Files;
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

    static IImageStore Open(StoreOptions store) => store is { Type: "swift", Swift: { } swift }
        ? new SwiftImageStore(new SwiftOptions
        {
            AuthUrl = swift.AuthAddress, AuthVersion = swift.AuthVersion, User = swift.User, Key = swift.Key!, Project = swift.Project, UserDomain = swift.UserDomain, ProjectDomain = swift.ProjectDomain,
            Region = swift.Region, Interface = swift.Interface, Container = swift.Container, PartSize = (long)swift.PartMib << 20,
        })
        : Files(store);

    static FileImageStore Files(StoreOptions store)
    {
        try { return new FileImageStore(store.Folder!); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new InvalidOperationException($"The image store {store.Id} cannot be opened: {e.Message}", e); }
    }
}
