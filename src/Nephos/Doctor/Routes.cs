using System.Net;
using System.Text.Json;
using Nephos.Drivers.Exec;

namespace Nephos.Doctor;

/// <summary>Routes the host has.</summary>
static class Routes
{
    /// <summary>A route of the host that meets a range and is not this cloud's own, as text; else null. The default route does not count.</summary>
    public static async Task<string?> Overlap(Commands commands, string range, string cloud, CancellationToken ct)
    {
        var wanted = IPNetwork.Parse(range);
        var routes = await commands.Run("ip", ["-j", "-4", "route", "show"], ct);
        if (!routes.Ok) return null;
        using var json = JsonDocument.Parse(routes.Out.Length > 0 ? routes.Out : "[]");
        foreach (var route in json.RootElement.EnumerateArray())
        {
            var text = route.GetProperty("dst").GetString()!;
            if (text == "default") continue;
            if (!IPNetwork.TryParse(text.Contains('/', StringComparison.Ordinal) ? text : text + "/32", out var there)) continue;
            if (!there.Contains(wanted.BaseAddress) && !wanted.Contains(there.BaseAddress)) continue;
            var device = route.TryGetProperty("dev", out var dev) ? dev.GetString()! : "";
            if (cloud.Length > 0 && await IsOurs(commands, device, cloud, ct)) continue;
            return $"{text} by {device}";
        }
        return null;
    }

    static async Task<bool> IsOurs(Commands commands, string device, string cloud, CancellationToken ct) =>
        (await commands.Run("ip", ["-d", "link", "show", "dev", device], ct)).Out.Contains($"nephos:{cloud}:", StringComparison.Ordinal);
}
