using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Nephos.Kernel.Convergence;
using Nephos.Kernel.Diagnostics;
using Nephos.Kernel.Limits;
using Nephos.Kernel.Operations;

namespace Nephos.Kernel.Data;

/// <summary>Registers the database and each service's part of it.</summary>
public static class ServiceData
{
    /// <summary>Registers <see cref="Database"/>; called once, by the program.</summary>
    public static IServiceCollection AddDatabase(this IServiceCollection services, DatabaseOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Metrics>();
        services.TryAddSingleton<HealthStatus>();
        return services.AddSingleton(p => Database.Open(options, p.GetRequiredService<TimeProvider>(), p.GetService<ILoggerFactory>()));
    }

    /// <summary>Registers a service's <see cref="Db"/>, whose tables are in the assembly of <typeparamref name="TDb"/>, and what the Kernel keeps in it.</summary>
    public static IServiceCollection AddServiceData<TDb>(this IServiceCollection services) where TDb : Db
    {
        services.AddSingleton<TDb>();
        services.AddSingleton(p => new ServiceTables(p.GetRequiredService<TDb>(), typeof(TDb).Assembly));
        services.TryAddSingleton(new OperationsOptions());
        services.TryAddSingleton(typeof(Operations<>));
        services.TryAddSingleton(typeof(Tombstones<>));
        services.TryAddSingleton(typeof(EventLog<>));
        services.TryAddSingleton(typeof(NodeItems<>));
        services.TryAddSingleton(typeof(Quotas<>));
        services.TryAddSingleton<NodeFeeds>();
        services.AddLoop<Housekeeping<TDb>>();
        services.AddSingleton<OperationsRunner<TDb>>();
        services.AddSingleton<OperationsRunner>(p => p.GetRequiredService<OperationsRunner<TDb>>());
        services.AddHostedService(p => p.GetRequiredService<OperationsRunner<TDb>>());
        return services;
    }

    /// <summary>Registers that a service wants things of nodes, and of which kinds (<see cref="Contracts.Link.NodeItemKinds"/>).</summary>
    public static IServiceCollection AddNodeFeed<TDb>(this IServiceCollection services, params string[] kinds) where TDb : Db =>
        services.AddSingleton(p => new NodeFeed(p.GetRequiredService<NodeItems<TDb>>(), kinds.ToHashSet(StringComparer.Ordinal)));

    /// <summary>Applies the migrations of every service; called once before the first request and loop.</summary>
    public static async Task MigrateAll(this IServiceProvider services)
    {
        foreach (var tables in services.GetServices<ServiceTables>())
        {
            await Migrations.Apply(tables.Db, tables.Assembly);
        }
    }
}

/// <summary>A service's tables, for tools that go through all services.</summary>
/// <param name="Db">The service's part of the database.</param>
/// <param name="Assembly">Where its migrations are.</param>
public sealed record ServiceTables(Db Db, Assembly Assembly);
