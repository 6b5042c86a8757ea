using System.Text.Json.Nodes;
using Nephos.Contracts.Drivers;

namespace Nephos.Drivers.Qemu;

/// <summary>
/// Network cards that come and go. The record is written before a card is plugged and after it is unplugged, and what is plugged is
/// read from the emulator, so that either may be repeated after a crash.
/// </summary>
sealed class Cards(QemuOptions options, Power power)
{
    /// <summary>A guest whose system just boots forgets an unplug request; it is asked again.</summary>
    static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    public async Task Attach(Seat seat, NicSpec nic, CancellationToken ct)
    {
        GuestFiles.Check(nic);
        var (record, status) = await power.Settle(seat, seat.Record(), ct);
        if (record.Next is { } next) record = record with { Next = With(next, nic) };
        if (record.Phase == Phase.Off || (record.Phase == Phase.Suspended && status is null))
        {
            seat.Save(record.Phase == Phase.Off ? record with { Spec = With(record.Wanted, nic), Next = null } : record with { Next = With(record.Wanted, nic) });
            return;
        }
        var device = Slots.Nic(nic.Port);
        if (!record.Slots.TryGetValue(device, out var slot))
        {
            slot = Slots.Free(record.Slots.Values, record.Ports) ?? throw Errors.NoFreeSlot(seat.Id);
            record = record with { Spec = With(record.Spec, nic), Slots = new Dictionary<string, int>(record.Slots) { [device] = slot } };
        }
        seat.Save(record);
        var emulator = seat.Emulator!;
        if (await Plugged(emulator, device, ct)) return;
        try
        {
            await DropNetdev(emulator, nic.Port, ct);
            await emulator.Do("netdev_add", new JsonObject { ["type"] = "tap", ["id"] = $"net-{nic.Port}", ["ifname"] = nic.Tap, ["script"] = "no", ["downscript"] = "no" }, ct);
            await emulator.Do("device_add", CommandLine.NicDevice(nic, slot), ct);
        }
        catch (QmpRefused e)
        {
            await DropNetdev(emulator, nic.Port, ct);
            seat.Save(Without(record, nic.Port));
            throw Errors.Refused("plug the card", e.Why);
        }
    }

    public async Task Detach(Seat seat, Guid port, CancellationToken ct)
    {
        var (record, status) = await power.Settle(seat, seat.Record(), ct);
        if (record.Phase == Phase.Off)
        {
            seat.Save(record with { Spec = Without(record.Wanted, port), Next = null });
            return;
        }
        // Whatever happens now, its next start is without the card.
        record = seat.Save(record with { Next = record.Wanted.Nics.Any(n => n.Port == port) ? Without(record.Wanted, port) : record.Next });
        if (status is null) return;
        var emulator = seat.Emulator!;
        var device = Slots.Nic(port);
        if (await Plugged(emulator, device, ct) && !await Unplugged(emulator, device, ct)) throw Errors.CardKept(port);
        await DropNetdev(emulator, port, ct);
        seat.Save(Without(record, port));
    }

    async Task<bool> Unplugged(Emulator emulator, string device, CancellationToken ct)
    {
        for (var left = options.UnplugLimit; left > TimeSpan.Zero; left -= AskAgain)
        {
            var gone = emulator.Expect(e => e.Name == "DEVICE_DELETED" && e.Data.TryGetProperty("device", out var id) && id.GetString() == device, left < AskAgain ? left : AskAgain, ct);
            try
            {
                await emulator.Do("device_del", new JsonObject { ["id"] = device }, ct);
            }
            catch (QmpRefused) { /* Asked before and not answered yet, or gone: the event or the next look tells. */ }
            try
            {
                await gone;
                return true;
            }
            catch (TimeoutException)
            {
                if (!await Plugged(emulator, device, ct)) return true;
            }
        }
        return false;
    }

    static async Task<bool> Plugged(Emulator emulator, string device, CancellationToken ct)
    {
        var devices = await emulator.Do("qom-list", new JsonObject { ["path"] = "/machine/peripheral" }, ct);
        return devices.EnumerateArray().Any(d => d.GetProperty("name").GetString() == device);
    }

    static async Task DropNetdev(Emulator emulator, Guid port, CancellationToken ct)
    {
        try { await emulator.Do("netdev_del", new JsonObject { ["id"] = $"net-{port}" }, ct); }
        catch (QmpRefused) { /* There is none. */ }
    }

    static GuestSpec With(GuestSpec spec, NicSpec nic) => spec with { Nics = [.. spec.Nics.Where(n => n.Port != nic.Port), nic] };

    static GuestSpec Without(GuestSpec spec, Guid port) => spec with { Nics = [.. spec.Nics.Where(n => n.Port != port)] };

    static GuestRecord Without(GuestRecord record, Guid port) => record with
    {
        Spec = Without(record.Spec, port),
        Next = record.Next is { } next ? Without(next, port) : null,
        Slots = record.Slots.Where(s => s.Key != Slots.Nic(port)).ToDictionary(),
    };
}
