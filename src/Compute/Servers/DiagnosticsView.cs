using System.Text.Json;
using Nephos.Contracts.Drivers;
using Nephos.Kernel.Data;

namespace Nephos.Compute.Servers;

/// <summary>A guest's counters: one document for every driver since 2.48, before that the words of libvirt.</summary>
internal static class DiagnosticsView
{
    public static Dictionary<string, object?> Of(JsonElement answer, bool standard, ServerRow server, bool isAdmin)
    {
        var guest = StoredJson.Read<GuestDiagnostics>(answer);
        return standard ? Standard(guest, server, isAdmin) : Old(guest);
    }

    private static Dictionary<string, object?> Standard(GuestDiagnostics guest, ServerRow server, bool isAdmin)
    {
        var view = new Dictionary<string, object?>
        {
            ["state"] = guest.Power.ToString().ToLowerInvariant(), ["driver"] = "libvirt", ["hypervisor"] = guest.Driver, ["hypervisor_os"] = "linux", ["uptime"] = guest.UptimeSeconds,
            ["config_drive"] = server.ConfigDrive, ["num_cpus"] = guest.CpuTimeNs.Count, ["num_nics"] = guest.Nics.Count, ["num_disks"] = guest.Disks.Count,
            ["cpu_details"] = guest.CpuTimeNs.Select((t, i) => new Dictionary<string, object?> { ["id"] = i, ["time"] = t, ["utilisation"] = null }),
            ["nic_details"] = guest.Nics.Select(n => new Dictionary<string, object?>
            {
                ["mac_address"] = n.Mac, ["rx_octets"] = n.RxBytes, ["rx_errors"] = n.RxErrors, ["rx_drop"] = n.RxDrop, ["rx_packets"] = n.RxPackets, ["rx_rate"] = null,
                ["tx_octets"] = n.TxBytes, ["tx_errors"] = n.TxErrors, ["tx_drop"] = n.TxDrop, ["tx_packets"] = n.TxPackets, ["tx_rate"] = null,
            }),
            ["disk_details"] = guest.Disks.Select(d => new Dictionary<string, object?>
            {
                ["read_bytes"] = d.ReadBytes, ["read_requests"] = d.ReadRequests, ["write_bytes"] = d.WriteBytes, ["write_requests"] = d.WriteRequests, ["errors_count"] = d.Errors,
            }),
            ["memory_details"] = new Dictionary<string, object?> { ["maximum"] = guest.MemoryMaximumMib, ["used"] = guest.MemoryUsedMib },
        };
        if (!isAdmin) view.Remove("hypervisor");
        return view;
    }

    private static Dictionary<string, object?> Old(GuestDiagnostics guest)
    {
        var view = new Dictionary<string, object?>();
        for (var i = 0; i < guest.CpuTimeNs.Count; i++) view[$"cpu{i}_time"] = guest.CpuTimeNs[i];
        foreach (var disk in guest.Disks)
        {
            view[$"{disk.Name}_read"] = disk.ReadBytes;
            view[$"{disk.Name}_read_req"] = disk.ReadRequests;
            view[$"{disk.Name}_write"] = disk.WriteBytes;
            view[$"{disk.Name}_write_req"] = disk.WriteRequests;
            view[$"{disk.Name}_errors"] = disk.Errors;
        }
        foreach (var nic in guest.Nics)
        {
            view[$"{nic.Tap}_rx"] = nic.RxBytes;
            view[$"{nic.Tap}_rx_packets"] = nic.RxPackets;
            view[$"{nic.Tap}_rx_errors"] = nic.RxErrors;
            view[$"{nic.Tap}_rx_drop"] = nic.RxDrop;
            view[$"{nic.Tap}_tx"] = nic.TxBytes;
            view[$"{nic.Tap}_tx_packets"] = nic.TxPackets;
            view[$"{nic.Tap}_tx_errors"] = nic.TxErrors;
            view[$"{nic.Tap}_tx_drop"] = nic.TxDrop;
        }
        view["memory"] = guest.MemoryMaximumMib * 1024;
        view["memory-actual"] = guest.MemoryMaximumMib * 1024;
        view["memory-rss"] = guest.MemoryUsedMib * 1024;
        return view;
    }
}
