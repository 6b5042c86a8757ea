using System.Net.Sockets;
using System.Text.Json.Nodes;
using Nephos.Drivers.Exec;

namespace Nephos.Drivers.Qemu;

/// <summary>
/// A guest's memory in a file. The emulator is sandboxed and opens nothing: it migrates to a socket, and the bytes are ours.
/// </summary>
static class SavedMemory
{
    /// <summary>Nothing moved for so long: it hangs.</summary>
    static readonly TimeSpan Stuck = TimeSpan.FromSeconds(30);

    /// <summary>Writes the memory of a stopped guest; afterwards it must not run again unless the file is forgotten.</summary>
    public static async Task Save(Emulator emulator, GuestPaths paths, RunAs? user, TimeProvider time, CancellationToken ct)
    {
        var temporary = paths.SavedState + ".tmp";
        File.Delete(paths.Outgoing);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(paths.Outgoing));
        listener.Listen(1);
        File.SetUnixFileMode(paths.Outgoing, Modes.Private);
        RunAs.Give(paths.Outgoing, user);
        try
        {
            await emulator.Do("migrate-set-parameters", new JsonObject { ["max-bandwidth"] = 10L << 30 }, ct);
            await emulator.Do("migrate", new JsonObject { ["uri"] = "unix:" + paths.Outgoing }, ct);
            using (var incoming = await listener.AcceptAsync(ct).AsTask().WaitAsync(Stuck, time, ct))
            await using (var stream = new NetworkStream(incoming))
            await using (var file = new FileStream(temporary, Modes.NewFile))
            {
                await Copy(stream, file, ct);
                file.Flush(flushToDisk: true);
            }
            await Completed(emulator, time, ct);
            File.Move(temporary, paths.SavedState, overwrite: true);
            Libc.SyncFolder(paths.Folder);
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException or UnauthorizedAccessException)
        {
            await Cancel(emulator);
            throw Errors.SaveFailed(e.Message);
        }
        catch
        {
            await Cancel(emulator);
            throw;
        }
        finally
        {
            File.Delete(temporary);
            File.Delete(paths.Outgoing);
        }
    }

    /// <summary>Fills an emulator that waits for it; afterwards it is paused.</summary>
    public static async Task Load(Emulator emulator, GuestPaths paths, TimeProvider time, CancellationToken ct)
    {
        await emulator.Do("migrate-incoming", new JsonObject { ["uri"] = "unix:" + paths.Incoming }, ct);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(paths.Incoming), ct);
            await using (var stream = new NetworkStream(socket))
            await using (var file = new FileStream(paths.SavedState, FileMode.Open, FileAccess.Read, FileShare.Read, 1))
                await Copy(file, stream, ct);
            socket.Shutdown(SocketShutdown.Send);
            while (await emulator.Status(ct) is var status && status != "paused")
            {
                if (status is null) throw new IOException("the emulator ended");
                await Task.Delay(TimeSpan.FromMilliseconds(5), time, ct);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The emulator's own words are better than "broken pipe"; it has them out before it ends.
            await emulator.Process.Ended(TimeSpan.FromSeconds(2), time, ct);
            throw Errors.DidNotStart(Emulators.LastWords(paths.Log));
        }
        finally { File.Delete(paths.Incoming); }
    }

    /// <summary>The memory was loaded and is about to be outdated.</summary>
    public static void Use(GuestPaths paths)
    {
        if (File.Exists(paths.SavedState)) File.Move(paths.SavedState, paths.SavedState + ".used", overwrite: true);
    }

    /// <summary>The guest did not run a single instruction after <see cref="Use"/>.</summary>
    public static void TakeBack(GuestPaths paths)
    {
        if (File.Exists(paths.SavedState + ".used")) File.Move(paths.SavedState + ".used", paths.SavedState);
    }

    public static void Forget(GuestPaths paths)
    {
        File.Delete(paths.SavedState);
        File.Delete(paths.SavedState + ".used");
    }

    static async Task Copy(Stream from, Stream to, CancellationToken ct)
    {
        var buffer = new byte[1 << 20];
        while (await from.ReadAsync(buffer, ct).AsTask().WaitAsync(Stuck, ct) is > 0 and var n) await to.WriteAsync(buffer.AsMemory(0, n), ct);
    }

    static async Task Completed(Emulator emulator, TimeProvider time, CancellationToken ct)
    {
        while (true)
        {
            var state = await emulator.Do("query-migrate", null, ct);
            switch (state.TryGetProperty("status", out var status) ? status.GetString() : "")
            {
                case "completed": return;
                case "failed" or "cancelled": throw new IOException(state.TryGetProperty("error-desc", out var why) ? why.GetString() : "the emulator gave up");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, ct);
        }
    }

    static async Task Cancel(Emulator emulator)
    {
        try { await emulator.Do("migrate_cancel", CancellationToken.None); }
        catch (Exception e) when (e is IOException or QmpRefused) { /* Nothing to cancel. */ }
    }
}
