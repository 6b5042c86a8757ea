using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Cloud;
using Nephos.Drivers.Exec;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos reset --yes</c>: stops the program and removes whatever carries this cloud's mark, then its folder. Neighbours are not touched.</summary>
static class ResetCommand
{
    public static async Task<int> Run(StateFolder folder, bool yes, CancellationToken ct)
    {
        if (!folder.Exists)
        {
            Console.WriteLine($"There is no cloud in {folder.Path}.");
            return 0;
        }
        if (!yes) throw new Refusal($"this removes the cloud in {folder.Path}: every server, disk, image and network of it", folder.Command("reset --yes"));
        if (folder.Holder() is { } pid) await DownCommand.Stop(folder, pid, ct);
        var options = RunningOptions.Of(folder) ?? new NephosOptions { State = folder.Path };
        if (Environment.IsPrivilegedProcess)
        {
            var commands = new Commands(NullLoggerFactory.Instance, TimeProvider.System);
            if (!options.Fake) await new Reset.Sweep(commands, new(folder.CloudId), NodeParts.Bridges(options, folder.CloudId, 0), options.HostNamespace).Run(ct);
        }
        if (Directory.Exists(folder.Run)) Directory.Delete(folder.Run, recursive: true);
        Directory.Delete(folder.Path, recursive: true);
        Console.WriteLine($"Removed the cloud in {folder.Path}.");
        if (options.DatabaseShown is { } database) Console.WriteLine($"Its rows are still in {database}; drop that database if nothing else is in it.");
        return 0;
    }
}
