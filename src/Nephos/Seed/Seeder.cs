using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Client;
using Nephos.Drivers.Exec;

namespace Nephos.Seed;

/// <summary>
/// Fills a new cloud through its public APIs, as anybody could: every part looks first and makes only what is missing, so a start that
/// was cut off is finished by the next one.
/// </summary>
sealed class Seeder(CloudClient cloud, NephosOptions options, Credentials credentials)
{
    public async Task Run(CancellationToken ct)
    {
        await cloud.LogIn("admin", credentials.Admin.Reveal(), "admin", ct);
        await SeedProjects.Run(cloud, credentials.Demo, ct);
        await SeedFlavors.Run(cloud, ct);
        await SeedNetworks.Public(cloud, options.ExternalCidr, ct);
        await SeedMetadefs.Run(cloud, ct);
        await SeedImages.Run(cloud, await Guest(ct), ct);
        await cloud.LogIn("demo", credentials.Demo.Reveal(), "demo", ct);
        await SeedNetworks.Private(cloud, ct);
    }

    async Task<GuestFiles> Guest(CancellationToken ct)
    {
        if (GuestFiles.Built is { } built) return built;
        if (options.Fake) return GuestFiles.Pretended(Path.Combine(options.State, "controller", "pretended-guest"));
        return await GuestFiles.Build(new Commands(NullLoggerFactory.Instance, TimeProvider.System), ct);
    }
}
