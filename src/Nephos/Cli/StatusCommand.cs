using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Nephos.Client;
using Nephos.Contracts;
using Nephos.Contracts.Drivers;
using Nephos.Drivers.Exec;
using Nephos.Drivers.Qemu;
using Nephos.Quickstart;
using Nephos.Roles;
using Nephos.Seed;
using Nephos.State;

namespace Nephos.Cli;

/// <summary><c>nephos status</c>: one screen. Exit code 0 when it runs and answers, 3 when it does not run.</summary>
static class StatusCommand
{
    public static async Task<int> Run(StateFolder folder, CancellationToken ct)
    {
        Line("state", folder.Path + (folder.Exists ? $"  (cloud {folder.CloudId})" : "  (no cloud yet)"));
        if (!folder.Exists || folder.Holder() is not { } pid)
        {
            Line("program", $"does not run; {folder.Command("up")} starts it");
            return 3;
        }
        // Guests and DHCP servers below us carry a mark; they are not the program.
        var mark = new OwnerMark(folder.CloudId);
        var marked = new Children(mark, NullLoggerFactory.Instance).All().Where(c => !c.Owner.StartsWith(mark.Environment(RoleProcess.Kind, ""), StringComparison.Ordinal)).Select(c => c.Pid);
        var tree = Processes.Tree(pid).Except(marked).ToList();
        Line("program", $"{Release.Version}, process {pid}, {tree.Count} process{(tree.Count == 1 ? "" : "es")}, {tree.Sum(Processes.MemoryKib) / 1024} MiB");
        if (RunningOptions.Of(folder) is { } options)
        {
            Line("api", options.LocalUrl + (options.Fake ? "  (pretended servers)" : ""));
            if (options.DatabaseShown is { } database) Line("database", database);
            if (!options.Fake && !Firmware.Usual.IsHere) Line("uefi", $"no firmware on this host, so no servers of images that want it; {folder.Command("doctor")}");
        }

        using var http = UnixHttp.To(folder.LinkSocket, TimeSpan.FromSeconds(5));
        if (!await Supervisor.Answers(http, ct))
        {
            Line("controller", $"does not answer; {folder.Command("logs")}");
            return 1;
        }
        Line("files", $"{folder.AdminOpenrc}, demo-openrc, clouds.yaml");
        if (Credentials.Existing(folder) is { } credentials) await Things(folder, credentials.Admin, ct);
        return 0;
    }

    static async Task Things(StateFolder folder, Secret password, CancellationToken ct)
    {
        using var cloud = new CloudClient(UnixHttp.To(folder.LinkSocket, TimeSpan.FromSeconds(10)));
        try
        {
            await cloud.LogIn("admin", password.Reveal(), "admin", ct);
            foreach (var node in (await cloud.Get("compute/v2.1/os-hypervisors/detail", ct))["hypervisors"]!.AsArray())
                Line("node", $"{node!["hypervisor_hostname"]}: {node["hypervisor_type"]}, {node["state"]}, {node["status"]}");
            var servers = (await cloud.Get("compute/v2.1/servers/detail?all_tenants=1&limit=1000", ct))["servers"]!.AsArray();
            Line("servers", servers.Count == 0 ? "none" : string.Join(", ", servers.CountBy(s => s!["status"]!.GetValue<string>()).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Value} {s.Key}"))));
            foreach (var (name, path, list) in ((string, string, string)[])[("networks", "network/v2.0/networks?fields=id", "networks"), ("routers", "network/v2.0/routers?fields=id", "routers"), ("addresses", "network/v2.0/floatingips?fields=id", "floatingips"), ("images", "image/v2/images?limit=1000", "images")])
                Line(name, (await cloud.Get(path, ct))[list]!.AsArray().Count.ToString(CultureInfo.InvariantCulture));
        }
        // An administrator may have changed the password or closed an API; the rest of the screen still helps.
        catch (Exception e) when (e is CloudRefused or HttpRequestException) { Line("apis", e.Message); }
    }

    static void Line(string name, string text) => Console.WriteLine($"{name,-12} {text}");
}
