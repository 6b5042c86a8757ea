using Nephos.Client;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Seed;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos down</c>.</summary>
static class DownCommand
{
    public static async Task<int> Run(StateFolder folder, bool stopServers, CancellationToken ct)
    {
        if (!folder.Exists) throw new Refusal($"there is no cloud in {folder.Path}", "Another folder is chosen by --state DIR.");
        if (folder.Holder() is not { } pid)
        {
            Console.WriteLine("It does not run.");
            return 0;
        }
        if (stopServers) await ServersOff(folder, ct);
        await Stop(folder, pid, ct);
        Console.WriteLine(stopServers ? "Stopped, and all servers are off." : $"Stopped. Servers keep running; {folder.Command("up")} finds them again.");
        return 0;
    }

    /// <summary>Ends the running program and waits until the folder is free.</summary>
    public static async Task Stop(StateFolder folder, int pid, CancellationToken ct)
    {
        if (pid == 0) throw new Refusal($"{folder.Path} is held by a process that wrote no pid file", $"fuser {folder.Path}/lock");
        Processes.Terminate(pid);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            while (folder.Holder() is not null) await Task.Delay(50, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested) { throw new Refusal($"process {pid} did not end within 30 s", $"kill -9 {pid}   (servers keep running, and nothing is lost)"); }
    }

    static async Task ServersOff(StateFolder folder, CancellationToken ct)
    {
        using var cloud = new CloudClient(UnixHttp.To(folder.LinkSocket, TimeSpan.FromSeconds(60)));
        var credentials = Credentials.Existing(folder) ?? throw new Refusal($"{folder.AdminOpenrc} is missing, so the servers cannot be listed");
        await cloud.LogIn("admin", credentials.Admin.Reveal(), "admin", ct);
        var running = (await Servers(cloud, ct)).Where(s => s.Status == "ACTIVE").ToList();
        foreach (var server in running)
        {
            Console.WriteLine($"Stopping {server.Name} ...");
            await cloud.Post($"compute/v2.1/servers/{server.Id}/action", new System.Text.Json.Nodes.JsonObject { ["os-stop"] = null }, ct);
        }
        while ((await Servers(cloud, ct)).Any(s => s.Status == "ACTIVE" && running.Any(r => r.Id == s.Id))) await Task.Delay(500, ct);
    }

    static async Task<List<(string Id, string Name, string Status)>> Servers(CloudClient cloud, CancellationToken ct) =>
        [.. (await cloud.Get("compute/v2.1/servers/detail?all_tenants=1&limit=1000", ct))["servers"]!.AsArray()
            .Select(s => (s!["id"]!.GetValue<string>(), s["name"]!.GetValue<string>(), s["status"]!.GetValue<string>()))];
}
