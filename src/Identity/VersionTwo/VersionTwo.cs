using Microsoft.Extensions.DependencyInjection;
using Nephos.Identity.Credentials;
using Nephos.Identity.Projects;
using Nephos.Identity.Roles;
using Nephos.Identity.Users;
using Nephos.Kernel.Api;

namespace Nephos.Identity.VersionTwo;

/// <summary>
/// The API v2.0 for programs that know no other: projects are called tenants, and there are no domains but the default one. It is another
/// face of the same things and is guarded by the rules of v3.
/// </summary>
internal static class VersionTwo
{
    public const string Domain = "default";

    public static IServiceCollection AddVersionTwo(this IServiceCollection services) => services
        .AddSingleton<TokensApi>().AddSingleton<TenantsApi>().AddSingleton<TenantRolesApi>().AddSingleton<UsersApi>().AddSingleton<Membership>()
        .AddSingleton<RolesApi>().AddSingleton<ServicesApi>().AddSingleton<EndpointsApi>();

    public static void MapVersionTwo(this IServiceProvider services, ServiceApi api)
    {
        var v2 = api.Group("/v2.0");
        ExtensionsApi.Map(v2);
        services.GetRequiredService<TokensApi>().Map(v2);
        services.GetRequiredService<TenantsApi>().Map(api, v2);
        services.GetRequiredService<TenantRolesApi>().Map(v2);
        services.GetRequiredService<UsersApi>().Map(api, v2);
        services.GetRequiredService<Ec2CredentialsApi>().Map(v2, made: 200);
        services.GetRequiredService<RolesApi>().Map(v2);
        services.GetRequiredService<ServicesApi>().Map(v2);
        services.GetRequiredService<EndpointsApi>().Map(v2);
    }

    /// <summary>The parts of a path as logs may show them: a token in a path is still a token.</summary>
    public static IReadOnlyList<string> SegmentsInLogs(IReadOnlyList<string> segments) => segments is ["v2.0", "tokens", _, ..] ? ["v2.0", "tokens", "***", .. segments.Skip(3)] : segments;

    /// <summary>A project that v2.0 can see, or null.</summary>
    public static async Task<ProjectRow?> Tenant(this ProjectTable projects, string id) => await projects.Find(id) is { IsDomain: false, DomainId: Domain } tenant ? tenant : null;

    /// <summary>A user that v2.0 can see, or null.</summary>
    public static async Task<UserRow?> OfVersionTwo(this UserTable users, string id) => await users.Find(id) is { DomainId: Domain } user ? user : null;

    /// <summary>A role by its id or its name.</summary>
    public static async Task<RoleRow?> OfVersionTwo(this RoleTable roles, string idOrName) =>
        await roles.Find(idOrName) is { DomainId: null } role ? role : (await roles.ByName(idOrName)).FirstOrDefault();
}
