using System.Globalization;
using System.Text.Json;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Qemu;

/// <summary>What a running guest used: processors and memory from <c>/proc</c>, disks from the emulator, cards from their taps.</summary>
sealed class Counters(Power power, TimeProvider time)
{
    public async Task<GuestDiagnostics> Read(Seat seat, Runner runner, CancellationToken ct)
    {
        var (record, status) = await power.Settle(seat, seat.Record(), ct);
        if (status is null) throw Errors.NotRunning(seat.Id, "measured");
        var emulator = seat.Emulator!;
        var pid = emulator.Process.Pid;
        var cpus = await emulator.Do("query-cpus-fast", null, ct);
        var blocks = await emulator.Do("query-blockstats", null, ct);
        return new GuestDiagnostics
        {
            Power = Seat.Power(record, status),
            Driver = runner.Accelerator == "kvm" ? "kvm" : "qemu",
            UptimeSeconds = record.StartedAt is { } start ? (long)(time.GetUtcNow() - start).TotalSeconds : 0,
            CpuTimeNs = [.. cpus.EnumerateArray().Select(c => CpuTime(pid, c.GetProperty("thread-id").GetInt32()))],
            MemoryMaximumMib = record.Spec.MemoryMib,
            MemoryUsedMib = Resident(pid),
            Nics = [.. record.Spec.Nics.Select(Nics(pid))],
            Disks = [.. record.Spec.Disks.Select(d => Disk(d, blocks))],
        };
    }

    /// <summary>First number of <c>schedstat</c>: nanoseconds on a processor.</summary>
    static long CpuTime(int pid, int thread)
    {
        try { return long.Parse(File.ReadAllText($"/proc/{pid}/task/{thread}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture); }
        catch (IOException) { return 0; }
    }

    static long Resident(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Read as the emulator's process sees them, so the right namespace is meant; what a tap receives its guest sent.</summary>
    static Func<NicSpec, NicCounters> Nics(int pid)
    {
        var lines = File.ReadAllLines($"/proc/{pid}/net/dev");
        return nic =>
        {
            var line = lines.FirstOrDefault(l => l.TrimStart().StartsWith(nic.Tap + ":", StringComparison.Ordinal));
            if (line is null) return new NicCounters(nic.Mac, nic.Tap, 0, 0, 0, 0, 0, 0, 0, 0);
            var n = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray();
            return new NicCounters(nic.Mac, nic.Tap, n[8], n[9], n[10], n[11], n[0], n[1], n[2], n[3]);
        };
    }

    static DiskCounters Disk(DiskSpec disk, JsonElement blocks)
    {
        var device = Slots.Disk(disk);
        var entry = blocks.EnumerateArray().FirstOrDefault(b => b.TryGetProperty("qdev", out var id) && id.GetString()!.Split('/').Contains(device));
        if (entry.ValueKind == JsonValueKind.Undefined) return new DiskCounters(disk.Name, 0, 0, 0, 0, 0);
        var stats = entry.GetProperty("stats");
        long N(string name) => stats.GetProperty(name).GetInt64();
        return new DiskCounters(disk.Name, N("rd_bytes"), N("rd_operations"), N("wr_bytes"), N("wr_operations"), N("failed_rd_operations") + N("failed_wr_operations"));
    }
}
