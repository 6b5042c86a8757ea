using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Image.Cache;
using Nephos.Image.Data;
using Nephos.Image.Exports;
using Nephos.Image.Images;
using Nephos.Image.Imports;
using Nephos.Image.Members;
using Nephos.Image.Metadefs;
using Nephos.Image.Ova;
using Nephos.Image.Protection;
using Nephos.Image.Quotas;
using Nephos.Image.Schemas;
using Nephos.Image.Signatures;
using Nephos.Image.Staging;
using Nephos.Image.Stores;
using Nephos.Image.Tags;
using Nephos.Image.Tasks;
using Nephos.Image.Versions;
using Nephos.Image.Web;
using Nephos.Kernel.Api;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Data;
using Nephos.Kernel.Operations;

namespace Nephos.Image;

/// <summary>The image service (glance, v2 up to 2.17). Needs a <see cref="NamedStore"/> or more, <see cref="ImageOptions"/> and <c>IImageTools</c>.</summary>
public static class ImageService
{
    /// <summary>Registers its parts.</summary>
    public static IServiceCollection AddImage(this IServiceCollection services)
    {
        services.AddServiceData<ImageDb>().AddLoop<ReconcileData>().AddLoop<CacheSync>().AddOperation<ImportImage>().AddOperation<ImportLocation>().AddOperation<DeleteData>();
        services.TryAddSingleton<HostLookup>(Dns.GetHostAddressesAsync);
        services.TryAddSingleton(s => new WebReader(s.GetRequiredService<ImageOptions>().Web, s.GetRequiredService<HostLookup>()));
        return services
            .AddSingleton<ImageTable>().AddSingleton<WriterTable>().AddSingleton<MemberTable>().AddSingleton<TaskTable>().AddSingleton<LocationTable>()
            .AddSingleton<CacheTable>().AddSingleton<ImageCache>().AddSingleton<CacheApi>().AddSingleton<UsageTable>().AddSingleton<ImageQuotas>().AddSingleton<UsageApi>().AddSingleton<PropertyProtection>()
            .AddSingleton<ImageStores>().AddSingleton<LocationChanges>().AddSingleton<StagingArea>().AddSingleton<SignatureCheck>().AddSingleton<Intake>().AddSingleton<ImageData>()
            .AddSingleton<ImportTable>().AddSingleton<LocationImportTable>().AddSingleton<LocationsApi>().AddSingleton<NewImport>().AddSingleton<ImportPlugins>().AddSingleton<ImportMethods>().AddSingleton<ImportMethod, GlanceDirect>().AddSingleton<ImportMethod, WebDownload>().AddSingleton<ImportMethod, GlanceDownload>().AddSingleton<PeerGlance>()
            .AddSingleton<ImportMethod, CopyImage>().AddSingleton<UnpackOva>().AddSingleton<ExportFiles>().AddSingleton<ExportsApi>()
            .AddSingleton<ImagesApi>().AddSingleton<ImageDataApi>().AddSingleton<ImportApi>()
            .AddSingleton<MembersApi>().AddSingleton<TagsApi>().AddSingleton<TasksApi>().AddSingleton<StoresApi>()
            .AddSingleton<MetadefTable>().AddSingleton<NamespacesApi>().AddSingleton<NamespaceItemsApi>().AddSingleton<ResourceTypesApi>()
            .AddSingleton<IImages, ImageContract>().AddSingleton<IImageCatalog, ImageCatalog>();
    }

    /// <summary>Mounts its API.</summary>
    public static void MapImage(this IServiceProvider services)
    {
        var api = new ServiceApi { Type = "image", Scopes = ["project"], ClassicPorts = [9292], Face = new ImageFace(), AuditKind = "service/storage/image", Order = CheckOrder.BodyLoadPolicy, EndSlash = EndSlash.EmptyId };
        api.SharedRule(Rules.IsAdmin, Rules.Admin, "Who sees every project's images");
        api.SharedRule("service_api", "role:service or role:admin", "Services of the cloud");
        api.SharedRule("metadef_admin", Rules.Admin, "Who writes metadata definitions");
        VersionsApi.Map(api.Group(""));
        var v2 = api.Group("/v2");
        services.GetRequiredService<ImagesApi>().Map(v2);
        services.GetRequiredService<ImageDataApi>().Map(v2);
        services.GetRequiredService<ExportsApi>().Map(v2);
        services.GetRequiredService<ImportApi>().Map(v2);
        services.GetRequiredService<LocationsApi>().Map(v2);
        services.GetRequiredService<MembersApi>().Map(v2);
        services.GetRequiredService<TagsApi>().Map(v2);
        services.GetRequiredService<TasksApi>().Map(v2);
        services.GetRequiredService<StoresApi>().Map(v2);
        services.GetRequiredService<UsageApi>().Map(v2);
        services.GetRequiredService<CacheApi>().Map(v2);
        services.GetRequiredService<NamespacesApi>().Map(v2);
        services.GetRequiredService<NamespaceItemsApi>().Map(v2);
        services.GetRequiredService<ResourceTypesApi>().Map(v2);
        SchemasApi.Map(v2);
        services.GetRequiredService<Gateway>().Mount(api);
    }
}
