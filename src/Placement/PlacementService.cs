using Microsoft.Extensions.DependencyInjection;
using Nephos.Contracts;
using Nephos.Kernel.Api;
using Nephos.Kernel.Data;
using Nephos.Kernel.Policy;
using Nephos.Placement.Aggregates;
using Nephos.Placement.Allocations;
using Nephos.Placement.Candidates;
using Nephos.Placement.Classes;
using Nephos.Placement.Inventories;
using Nephos.Placement.Providers;
using Nephos.Placement.Traits;
using Nephos.Placement.Usages;

namespace Nephos.Placement;

/// <summary>The placement service (1.0 to 1.39): who has how much of what, and who uses it.</summary>
public static class PlacementService
{
    /// <summary>Registers its parts.</summary>
    public static IServiceCollection AddPlacement(this IServiceCollection services) => services
        .AddServiceData<PlacementDb>()
        .AddSingleton<ProviderTable>().AddSingleton<InventoryTable>().AddSingleton<AllocationTable>().AddSingleton<TraitTable>().AddSingleton<ClassTable>()
        .AddSingleton<UsageTable>().AddSingleton<TreeTable>().AddSingleton<FlatSearchTable>().AddSingleton<EnsureProvider>()
        .AddSingleton<ProvidersApi>().AddSingleton<InventoriesApi>().AddSingleton<AllocationsApi>().AddSingleton<TraitsApi>().AddSingleton<ResourceClassesApi>()
        .AddSingleton<AggregatesApi>().AddSingleton<UsagesApi>().AddSingleton<CandidatesApi>()
        .AddSingleton<IPlacement, PlacementContract>();

    /// <summary>Mounts its API.</summary>
    public static void MapPlacement(this IServiceProvider services)
    {
        var api = new ServiceApi
        {
            Type = "placement", Scopes = ["project"], ClassicPorts = [8778], Face = new PlacementFace(), Order = CheckOrder.PolicyBodyLoad,
            Versions = new(new(1, 0), new(1, 39), "placement"),
        };
        api.SharedRule("admin_or_service_api", Rule.ServiceOrAdmin, "Administrators and services of the cloud");
        api.SharedRule("service_api", "role:service", "Services of the cloud");
        api.SharedRule("project_reader_api", Rule.ProjectReader, "Readers of the project asked about");
        var root = api.Group("");
        root.Get("/", Versions).Public("Clients look for versions before they log in.");
        services.GetRequiredService<ProvidersApi>().Map(root);
        services.GetRequiredService<InventoriesApi>().Map(root);
        services.GetRequiredService<AllocationsApi>().Map(root);
        services.GetRequiredService<TraitsApi>().Map(root);
        services.GetRequiredService<ResourceClassesApi>().Map(root);
        services.GetRequiredService<AggregatesApi>().Map(root);
        services.GetRequiredService<UsagesApi>().Map(root);
        services.GetRequiredService<CandidatesApi>().Map(root);
        services.GetRequiredService<Gateway>().Mount(api);
    }

    private static Task<Answer> Versions(Call call)
    {
        var range = call.Api.Versions!;
        return Task.FromResult(Answer.Json(("versions", new[]
        {
            new { id = $"v{range.Minimum}", max_version = $"{range.Maximum}", min_version = $"{range.Minimum}", status = "CURRENT", links = new[] { new { rel = "self", href = "" } } },
        })));
    }
}
