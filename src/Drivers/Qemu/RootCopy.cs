using System.Text.Json.Nodes;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu;

/// <summary>Stand-alone copies of root disks. A running guest goes on; the copy is the disk as it was when the copy began.</summary>
sealed class RootCopy(GuestFiles files, Host host, Power power, TimeProvider time)
{
    const string Job = "snapshot", Node = "snapshot-target";

    /// <summary>Begins a copy; the rest, which may take long, is for after the guest's gate. Null: it is done already.</summary>
    public async Task<Func<CancellationToken, Task>?> Begin(Seat seat, string target, CancellationToken ct)
    {
        var (record, status) = await power.Settle(seat, seat.Record(), ct);
        if (record.Spec.Disks is not [var root, ..]) throw Errors.SnapshotFailed("the guest has no disk of its own");
        if (seat.Snapshotting) throw Errors.SnapshotFailed("another copy is under way");
        var user = (await host.Runner(ct)).User;
        var source = seat.Paths.Disk(root.Name);
        if (status is null)
        {
            await files.Copy(source, seat.Paths.Snapshot, user, ct);
            Deliver(seat.Paths.Snapshot, target);
            return null;
        }
        await files.Create(seat.Paths.Snapshot, GuestFiles.VirtualSize(source), user, ct);
        var emulator = seat.Emulator!;
        await Drop(emulator);
        await emulator.Do("blockdev-add", new JsonObject
        {
            ["driver"] = "qcow2",
            ["node-name"] = Node,
            ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = seat.Paths.Snapshot },
        }, ct);
        await emulator.Do("blockdev-backup", new JsonObject { ["job-id"] = Job, ["device"] = "d0", ["target"] = Node, ["sync"] = "full", ["auto-dismiss"] = false }, ct);
        seat.Snapshotting = true;
        return ct => Finish(seat, emulator, target, ct);
    }

    async Task Finish(Seat seat, Emulator emulator, string target, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, seat.Removal.Token);
        try
        {
            await Concluded(emulator, either.Token);
            await Drop(emulator);
            Deliver(seat.Paths.Snapshot, target);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested) { throw Errors.Removed(seat.Id); }
        catch (Exception e) when (e is IOException or QmpRefused) { throw Errors.SnapshotFailed(e.Message); }
        finally
        {
            seat.Snapshotting = false;
            if (emulator.Connected) await Drop(emulator);
            if (Directory.Exists(seat.Paths.Folder)) File.Delete(seat.Paths.Snapshot);
        }
    }

    async Task Concluded(Emulator emulator, CancellationToken ct)
    {
        var wait = TimeSpan.FromMilliseconds(10);
        while (true)
        {
            var jobs = await emulator.Do("query-jobs", null, ct);
            var job = jobs.EnumerateArray().FirstOrDefault(j => j.GetProperty("id").GetString() == Job);
            if (job.ValueKind == System.Text.Json.JsonValueKind.Undefined) throw new IOException("the copy was abandoned");
            if (job.GetProperty("status").GetString() == "concluded")
            {
                if (job.TryGetProperty("error", out var error)) throw new IOException(error.GetString());
                return;
            }
            await Task.Delay(wait, time, ct);
            if (wait < TimeSpan.FromSeconds(1)) wait *= 1.5;
        }
    }

    /// <summary>Takes a copy away that is done, or that an earlier life of ours began.</summary>
    async Task Drop(Emulator emulator)
    {
        try { await emulator.Do("block-job-cancel", new JsonObject { ["device"] = Job, ["force"] = true }, CancellationToken.None); }
        catch (Exception e) when (e is QmpRefused or IOException) { /* None runs. */ }
        for (var attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                await emulator.Do("job-dismiss", new JsonObject { ["id"] = Job }, CancellationToken.None);
                break;
            }
            catch (QmpRefused e) when (e.Kind == "GenericError" && e.Why.Contains("state", StringComparison.Ordinal)) { await Task.Delay(TimeSpan.FromMilliseconds(20), time); }
            catch (Exception e) when (e is QmpRefused or IOException) { break; }
        }
        try { await emulator.Do("blockdev-del", new JsonObject { ["node-name"] = Node }, CancellationToken.None); }
        catch (Exception e) when (e is QmpRefused or IOException) { /* There is none. */ }
    }

    /// <summary>The copy becomes ours before it leaves the guest's folder: the emulator's user must not change it afterwards.</summary>
    static void Deliver(string copy, string target)
    {
        if (Libc.IsRoot) Libc.Own(copy, 0, 0);
        File.Move(copy, target, overwrite: true);
    }
}
