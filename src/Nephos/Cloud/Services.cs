using Microsoft.Extensions.DependencyInjection;
using Nephos.Compute;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Contracts.Link;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Fake;
using Nephos.Drivers.Files;
using Nephos.Drivers.ImageTools;
using Nephos.Identity;
using Nephos.Image;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;
using Nephos.Link;
using Nephos.Network;
using Nephos.Operators;
using Nephos.Placement;
using Nephos.Roles;
using Nephos.State;

namespace Nephos.Cloud;

/// <summary>Which services there are: each by its two doors.</summary>
static class Services
{
    public static void Add(IServiceCollection services, ControllerStart start) => services
        .AddSingleton(new OperationsOptions { AllowCrash = start.Options.Fake || start.Options.CrashPoints })
        .AddIdentity(IdentitySettings.List.Apply(new IdentityOptions { StateKey = StateKey.Load(start.Folder) }, start))
        .AddImage()
        .AddImageFiles(start)
        .AddPlacement()
        .AddNetwork()
        .AddCompute()
        .AddLink(start.Cloud);

    public static void Map(IServiceProvider services)
    {
        services.MapIdentity();
        services.MapImage();
        services.MapPlacement();
        services.MapNetwork();
        services.MapCompute();
    }

    static IServiceCollection AddImageFiles(this IServiceCollection services, ControllerStart start)
    {
        var options = ImageSettings.List.Apply(new ImageOptions { Staging = Path.Combine(start.Folder, "staging"), OwnSocket = start.LinkSocket, RequireFormatMatch = !start.Options.Fake }, start);
        services.AddSingleton(options).AddSingleton<ICertificateStore>(new FolderCertificates(options.CertificateFolder));
        foreach (var store in ImageStoreKinds.Open(options, Path.Combine(start.Folder, "images"))) services.AddSingleton(store);
        // The controller has no rights to give away, so its tools run as itself, with limits.
        return start.Options.Fake
            ? services.AddSingleton<IImageTools, PretendedImageTools>()
            : services.AddSingleton<Commands>().AddSingleton(new ImageToolsOptions()).AddSingleton<IImageTools, QemuImageTools>();
    }

    static IServiceCollection AddLink(this IServiceCollection services, string cloud) => services
        .AddSingleton<LinkDb>()
        .AddSingleton(s => new ServiceTables(s.GetRequiredService<LinkDb>(), typeof(LinkDb).Assembly))
        .AddSingleton<CloudTable>()
        .AddSingleton<NodeTable>()
        .AddSingleton<NodeQuestions>()
        .AddSingleton<NodeOrphans>().AddSingleton<OperatorAudit>()
        .AddSingleton<INodeQuestions>(s => s.GetRequiredService<NodeQuestions>())
        .AddSingleton<INodeLink>(s => new ControllerLink(cloud, s.GetRequiredService<NodeTable>(), s.GetRequiredService<NodeFeeds>(), s.GetRequiredService<NodeQuestions>(),
            s.GetServices<INodeListener>(), s.GetRequiredService<IImages>(), s.GetRequiredService<INetworks>(), s.GetRequiredService<IServers>(), s.GetRequiredService<TimeProvider>()));
}
