using Nephos.Roles;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos dev</c>: a whole cloud over pretended servers, gone when it ends unless a folder was named.</summary>
static class DevCommand
{
    public static async Task<int> Run(Func<string, NephosOptions> read, string? state, CancellationToken ct)
    {
        var folder = state is null ? Directory.CreateTempSubdirectory("nephos-dev-").FullName : Path.GetFullPath(state);
        using var stop = new StopSignals(ct);
        try
        {
            var options = read(folder) with { Fake = true };
            UpCommand.Refuse(options);
            await new Supervisor(options, Say).Run(stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested) { /* Asked to stop while starting. */ }
        finally
        {
            if (state is null) Forget(new StateFolder(folder));
        }
        return 0;

        static void Forget(StateFolder temporary)
        {
            if (temporary.Exists && Directory.Exists(temporary.Run)) Directory.Delete(temporary.Run, recursive: true);
            Directory.Delete(temporary.Path, recursive: true);
        }

        void Say(string line)
        {
            Console.WriteLine(line);
            if (line.StartsWith("  source", StringComparison.Ordinal)) Console.WriteLine($"\n{File.ReadAllText(Path.Combine(folder, "clouds.yaml"))}\nCtrl+C ends it{(state is null ? " and removes the cloud" : "")}.");
        }
    }
}
