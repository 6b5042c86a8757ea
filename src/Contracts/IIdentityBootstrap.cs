namespace Nephos.Contracts;

/// <summary>Makes an empty identity usable; everything later goes through its public API.</summary>
public interface IIdentityBootstrap
{
    /// <summary>
    /// Makes what is missing and changes nothing that is there, so it may be repeated: the domain <c>default</c>, the roles
    /// admin, manager, member, reader and service (admin implies manager implies member implies reader), the project and the user
    /// <c>admin</c> with the role admin on the project, on the domain and on the system, the region, and the services with their
    /// public, internal and admin endpoints.
    /// </summary>
    Task Bootstrap(IdentityBootstrap wanted, CancellationToken ct);
}

/// <summary>What the first start of a cloud writes into identity.</summary>
/// <param name="AdminPassword">Of the user <c>admin</c>, if it has to be made.</param>
/// <param name="Region">Of the endpoints.</param>
/// <param name="Services">The catalog.</param>
public sealed record IdentityBootstrap(Secret AdminPassword, string Region, IReadOnlyList<BootstrapService> Services);

/// <summary>A service of the catalog.</summary>
/// <param name="Type">OpenStack's service type, <c>compute</c>.</param>
/// <param name="Name">Upstream's code name, which clients look for: <c>nova</c>.</param>
/// <param name="Url">As stored: <c>$(public_url)s/compute/v2.1</c>.</param>
public sealed record BootstrapService(string Type, string Name, string Url);
