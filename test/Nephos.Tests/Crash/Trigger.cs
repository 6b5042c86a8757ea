using System.Text.Json.Nodes;
using Nephos.Client;

using Xunit;

namespace Nephos.Tests.Crash;

/// <summary>How an operation is brought about through the public API, and what must be true after it was cut off and taken up again.</summary>
/// <param name="Prepare">What has to be there before.</param>
/// <param name="Ask">The request; the flag says that it has to fail later.</param>
/// <param name="Check">What must be true in the end.</param>
/// <param name="CanFail">It can be made to unwind.</param>
internal sealed record Trigger(Func<CrashWorld, Task> Prepare, Func<CrashWorld, bool, Task> Ask, Func<CrashWorld, bool, Task> Check, bool CanFail = false)
{
    private static readonly Dictionary<string, Trigger> Known = new()
    {
        ["CreateServer"] = new(w => w.Clean(), Create, CheckCreated, CanFail: true),
        ["DeleteServer"] = new(Present, async (w, _) => await w.DeleteServer(), async (w, _) => Assert.Empty(await w.Servers())),
        ["ChangePower"] = new(Running, async (w, _) => await w.Act("os-stop"), async (w, _) => Assert.Equal("SHUTOFF", await Status(w))),
        ["RebuildServer"] = new(Running, async (w, _) => await w.Act("rebuild", new JsonObject { ["imageRef"] = w.Image }), async (w, _) =>
        {
            Assert.Equal("ACTIVE", await Status(w));
            Assert.StartsWith("Running", Assert.Single(Census.Guests(w.State)).Value, StringComparison.Ordinal);
        }),
        ["SnapshotServer"] = new(Running, async (w, _) => await w.Act("createImage", new JsonObject { ["name"] = "snapshot" }), async (w, _) =>
        {
            Assert.Equal("ACTIVE", await Status(w));
            Assert.Equal(["active"], (await w.Client.Get("image/v2/images?name=snapshot", default))["images"]!.AsArray().Select(i => i!["status"]!.GetValue<string>()));
        }),
        ["AttachInterface"] = new(OneCard, Attach, async (w, _) => Assert.Equal(2, (await Cards(w)).Count)),
        ["DetachInterface"] = new(TwoCards, async (w, _) => await w.Client.Delete($"{await w.ServerPath()}/os-interface/{(await Cards(w))[^1]}", default), async (w, _) => Assert.Single(await Cards(w))),
    };

    /// <summary>A new operation has to be added above: else this fails.</summary>
    public static Trigger Of(string operation) => Known.GetValueOrDefault(operation)
        ?? throw new InvalidOperationException($"Nobody has said how {operation} is brought about: add it to {nameof(Trigger)}.{nameof(Known)}.");

    private static async Task Create(CrashWorld world, bool fails) => await world.CreateServer("vm", fails ? await world.BrokenImage() : null);

    private static async Task CheckCreated(CrashWorld world, bool fails)
    {
        var servers = await world.Servers();
        // Cut off before it was answered, and before anything was written down.
        if (servers.Count == 0) return;
        Assert.Equal(fails ? "ERROR" : "ACTIVE", servers[0]["status"]!.GetValue<string>());
        if (fails) Assert.NotEmpty(servers[0]["fault"]!["message"]!.GetValue<string>());
        Assert.Equal(fails ? 0 : 1, Census.Guests(world.State).Count);
    }

    private static async Task<string?> Status(CrashWorld world) => (await world.Server())?["status"]!.GetValue<string>();

    private static async Task Running(CrashWorld world)
    {
        if (await Status(world) == "ACTIVE") return;
        await world.Clean();
        await world.CreateServer("vm");
        await world.Settled();
        Assert.Equal("ACTIVE", await Status(world));
    }

    /// <summary>In whatever state: to remove one on the way would be to delete already.</summary>
    private static async Task Present(CrashWorld world)
    {
        if (await world.Server() is null) await Running(world);
    }

    private static async Task<List<string>> Cards(CrashWorld world) =>
        [.. (await world.Client.Get($"{await world.ServerPath()}/os-interface", default))["interfaceAttachments"]!.AsArray().Select(i => i!["port_id"]!.GetValue<string>())];

    private static async Task Attach(CrashWorld world, bool _) =>
        await world.Client.Post($"{await world.ServerPath()}/os-interface", new JsonObject { ["interfaceAttachment"] = new JsonObject { ["net_id"] = world.Network } }, default);

    private static async Task OneCard(CrashWorld world)
    {
        if (await Status(world) == "ACTIVE" && (await Cards(world)).Count != 1) await world.Clean();
        await Running(world);
    }

    private static async Task TwoCards(CrashWorld world)
    {
        await Running(world);
        if ((await Cards(world)).Count > 1) return;
        await Attach(world, false);
        await world.Settled();
        Assert.Equal(2, (await Cards(world)).Count);
    }
}
