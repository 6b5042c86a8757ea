using Microsoft.Extensions.DependencyInjection;
using Nephos.Cli;
using Nephos.Kernel.Data;
using Nephos.Link;
using Nephos.Roles;

namespace Nephos.Cloud;

/// <summary>The rows of this folder's cloud: another cloud's, or none where there must be some, would mislead its nodes.</summary>
static class OwnDatabase
{
    /// <summary>Brings the tables up to date, and refuses a database that is not this cloud's.</summary>
    public static async Task Prepare(IServiceProvider services, ControllerStart start)
    {
        var where = start.Options.DatabaseShown is { } url ? $"the database {url}" : $"the database in {start.Folder}";
        try
        {
            await services.GetRequiredService<Database>().Check();
            await services.MigrateAll();
        }
        catch (DatabaseUnavailable unavailable)
        {
            throw new Refusal($"{where} cannot be used: {unavailable.InnerException!.Message}", start.Options.DatabaseShown is { } shown ? $"psql '{shown}' must get in, as the user that runs the API." : null);
        }
        var clouds = services.GetRequiredService<CloudTable>();
        var found = await clouds.Find();
        if (found is null)
        {
            // A password is handed over until the cloud is set up.
            if (start.AdminPassword is null) throw new Refusal($"{where} is empty, but the cloud {start.Cloud} of this folder is not", "Give the --database it was last started with; `nephos reset` forgets the cloud.");
            await clouds.Add(start.Cloud);
        }
        else if (found != start.Cloud)
            throw new Refusal($"{where} holds the cloud {found}, and this folder belongs to the cloud {start.Cloud}", "Choose the --state DIR of that cloud, or an empty database.");
    }
}
