using Nephos.Contracts;

namespace Nephos.Seed;

/// <summary>The catalog of a new cloud. Names are upstream's code names, which clients look for; URLs are expanded when shown.</summary>
static class Catalog
{
    public const string Region = "RegionOne";

    public static IReadOnlyList<BootstrapService> Services { get; } =
    [
        new("identity", "keystone", "$(public_url)s/identity"),
        new("image", "glance", "$(public_url)s/image"),
        new("placement", "placement", "$(public_url)s/placement"),
        new("compute", "nova", "$(public_url)s/compute/v2.1"),
        new("network", "neutron", "$(public_url)s/network"),
    ];
}
