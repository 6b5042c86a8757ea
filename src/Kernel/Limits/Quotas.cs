using Microsoft.Extensions.DependencyInjection;
using Nephos.Kernel.Data;

namespace Nephos.Kernel.Limits;

/// <summary>Something a project may have only so much of.</summary>
/// <param name="Name">Upstream's name: <c>instances</c>.</param>
/// <param name="Default">The limit of a project for which none was set; -1 is no limit.</param>
/// <param name="Count">
/// How much of it a project has, from the service's own rows: <c>project => $"SELECT COALESCE(SUM(vcpus), 0) FROM compute_servers WHERE project_id = {project} AND .."</c>.
/// Null: the usage is kept by <see cref="Quotas.Take"/> and <see cref="Quotas.Give"/>.
/// </param>
public sealed record QuotaResource(string Name, long Default, Func<string, SqlText>? Count = null);

/// <summary>A project's limit and use of a resource.</summary>
public sealed record QuotaUse(string Resource, long Limit, long InUse, long Reserved);

/// <summary>More was asked for than the limit leaves. Services turn it into their own words.</summary>
/// <param name="project">The project.</param>
/// <param name="over">What was asked for, of each resource that does not fit.</param>
public sealed class QuotaExceeded(string project, IReadOnlyList<QuotaShort> over)
    : Exception($"Quota of project {project} exceeded: {string.Join(", ", over.Select(o => $"{o.Resource} (asked {o.Asked}, used {o.Used} of {o.Limit})"))}.")
{
    /// <summary>The resources that do not fit, in the order they were asked for.</summary>
    public IReadOnlyList<QuotaShort> Over => over;
}

/// <summary>One resource that does not fit.</summary>
public sealed record QuotaShort(string Resource, long Asked, long Used, long Limit);

/// <summary>What a service's resources are; registered with <see cref="QuotaServices.AddQuotas"/>.</summary>
public sealed record QuotaResources(string Service, IReadOnlyList<QuotaResource> All);

/// <summary>Limits and use of what a service's projects have.</summary>
public class Quotas
{
    private const string ProjectScope = "project";
    private const string ClassScope = "class";

    /// <summary>The class whose limits stand in for defaults (nova's <c>default</c>).</summary>
    public const string DefaultClass = "default";

    private readonly Db db;
    private readonly Dictionary<string, QuotaResource> resources;
    private readonly SqlText limits;
    private readonly SqlText usage;

    /// <summary>For a service's part of the database.</summary>
    public Quotas(Db db, IEnumerable<QuotaResources> all)
    {
        this.db = db;
        (limits, usage) = (db.Table("quota_limits"), db.Table("quota_usage"));
        resources = all.Where(r => r.Service == db.Service).SelectMany(r => r.All).ToDictionary(r => r.Name, StringComparer.Ordinal);
    }

    /// <summary>The resources, in the order they were registered.</summary>
    public IReadOnlyCollection<QuotaResource> Resources => resources.Values;

    /// <summary>
    /// Checks that so much more fits, in the transaction that creates it and before anything else in it: another creator of the same
    /// project waits until this one is through. Resources without a count are booked.
    /// </summary>
    /// <exception cref="QuotaExceeded">It does not fit.</exception>
    public async Task Take(string project, IReadOnlyDictionary<string, long> asked)
    {
        db.RequireTransaction();
        // The counts that follow are statements of their own, so at READ COMMITTED they see what the one before has committed.
        await db.Queue("quota/" + project);
        var set = await Limits(ProjectScope, project);
        var classes = await Limits(ClassScope, DefaultClass);
        var over = new List<QuotaShort>();
        foreach (var (name, delta) in asked)
        {
            var resource = resources[name];
            var limit = set.GetValueOrDefault(name, classes.GetValueOrDefault(name, resource.Default));
            var (used, reserved) = await Used(project, resource);
            if (delta > 0 && limit >= 0 && used + reserved + delta > limit)
            {
                over.Add(new QuotaShort(name, delta, used + reserved, limit));
            }
            else if (resource.Count is null)
            {
                await Add(project, name, delta);
            }
        }
        if (over.Count > 0)
        {
            throw new QuotaExceeded(project, over);
        }
    }

    /// <summary>Books back resources without a count, in the transaction that removes the thing.</summary>
    public async Task Give(string project, IReadOnlyDictionary<string, long> returned)
    {
        db.RequireTransaction();
        foreach (var (name, delta) in returned)
        {
            if (resources[name].Count is null)
            {
                await Add(project, name, -delta);
            }
        }
    }

    /// <summary>A project's limits, with what it uses.</summary>
    public async Task<IReadOnlyList<QuotaUse>> Detail(string project)
    {
        var set = await Limits(ProjectScope, project);
        var classes = await Limits(ClassScope, DefaultClass);
        var result = new List<QuotaUse>(resources.Count);
        foreach (var resource in resources.Values)
        {
            var (used, reserved) = await Used(project, resource);
            result.Add(new(resource.Name, set.GetValueOrDefault(resource.Name, classes.GetValueOrDefault(resource.Name, resource.Default)), used, reserved));
        }
        return result;
    }

    /// <summary>A project's limits.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Of(string project)
    {
        var (set, classes) = (await Limits(ProjectScope, project), await Limits(ClassScope, DefaultClass));
        return resources.Values.ToDictionary(r => r.Name, r => set.GetValueOrDefault(r.Name, classes.GetValueOrDefault(r.Name, r.Default)), StringComparer.Ordinal);
    }

    /// <summary>The limits of a class; those of <see cref="DefaultClass"/> are everybody's defaults.</summary>
    public async Task<IReadOnlyDictionary<string, long>> OfClass(string name)
    {
        var set = await Limits(ClassScope, name);
        return resources.Values.ToDictionary(r => r.Name, r => set.GetValueOrDefault(r.Name, r.Default), StringComparer.Ordinal);
    }

    /// <summary>Projects that have a limit of their own.</summary>
    public Task<List<string>> ProjectsWithLimits() => db.Query<string>($"SELECT DISTINCT name FROM {limits} WHERE scope = {ProjectScope} ORDER BY name");

    /// <summary>Sets a project's limit; -1 is none.</summary>
    public Task Set(string project, string resource, long limit) => Put(ProjectScope, project, resource, limit);

    /// <summary>Sets a class's limit.</summary>
    public Task SetClass(string name, string resource, long limit) => Put(ClassScope, name, resource, limit);

    /// <summary>Back to the defaults.</summary>
    public Task Reset(string project) => db.Execute($"DELETE FROM {limits} WHERE scope = {ProjectScope} AND name = {project}");

    private Task Put(string scope, string name, string resource, long limit) => !resources.ContainsKey(resource)
        ? throw new ArgumentException($"{db.Service} has no quota of {resource}.", nameof(resource))
        : db.Execute($"""
            INSERT INTO {limits} (scope, name, resource, "limit") VALUES ({scope}, {name}, {resource}, {limit})
            ON CONFLICT (scope, name, resource) DO UPDATE SET "limit" = excluded."limit"
            """);

    private async Task<Dictionary<string, long>> Limits(string scope, string name) =>
        (await db.Query<(string Resource, long Limit)>($"SELECT resource, \"limit\" FROM {limits} WHERE scope = {scope} AND name = {name}")).ToDictionary(r => r.Resource, r => r.Limit, StringComparer.Ordinal);

    private async Task<(long Used, long Reserved)> Used(string project, QuotaResource resource) => resource.Count is { } count
        ? (await db.Scalar<long>(count(project)), 0)
        : await db.One<(long, long)>($"SELECT in_use, reserved FROM {usage} WHERE project_id = {project} AND resource = {resource.Name}");

    private Task Add(string project, string resource, long delta) => db.Execute($"""
        INSERT INTO {usage} (project_id, resource, in_use, reserved) VALUES ({project}, {resource}, {Math.Max(delta, 0)}, 0)
        ON CONFLICT (project_id, resource) DO UPDATE SET in_use = CASE WHEN {usage}.in_use + {delta} < 0 THEN 0 ELSE {usage}.in_use + {delta} END
        """);
}

/// <summary>The quotas of the service that owns <typeparamref name="TDb"/>.</summary>
public sealed class Quotas<TDb>(TDb db, IEnumerable<QuotaResources> all) : Quotas(db, all) where TDb : Db;

/// <summary>Registers quotas.</summary>
public static class QuotaServices
{
    /// <summary>Says what a service limits.</summary>
    /// <param name="services">The container.</param>
    /// <param name="service">The service's <see cref="Db.Service"/>.</param>
    /// <param name="resources">What it limits.</param>
    public static IServiceCollection AddQuotas(this IServiceCollection services, string service, params QuotaResource[] resources) =>
        services.AddSingleton(new QuotaResources(service, resources));
}
