using System.Text.Json.Nodes;
using Nephos.Client;

using Xunit;

namespace Nephos.Tests.Crash;

/// <summary>How an operation is brought about through the public API, and what must be true after it was cut off and taken up again.</summary>
/// <param name="Prepare">What has to be there before.</param>
/// <param name="Ask">The request.</param>
/// <param name="Check">What must be true in the end; the flag says that it had to fail.</param>
/// <param name="Fails">The verb of the pretended host that makes it unwind when it fails; null: nothing can.</param>
internal sealed record Trigger(Func<CrashWorld, Task> Prepare, Func<CrashWorld, Task> Ask, Func<CrashWorld, bool, Task> Check, string? Fails = null)
{
    private static readonly Dictionary<string, Trigger> Known = new()
    {
        ["CreateServer"] = new(w => w.Clean(), w => w.CreateServer("vm"), CheckCreated, Fails: "Start"),
        ["DeleteServer"] = new(Present, w => w.DeleteServer(), async (w, _) => Assert.Empty(await w.Servers())),
        ["ChangePower"] = new(Running, w => w.Act("os-stop"), async (w, _) => Assert.Equal("SHUTOFF", await Status(w))),
        ["RebuildServer"] = new(Running, w => w.Act("rebuild", new JsonObject { ["imageRef"] = w.Image }), async (w, _) =>
        {
            Assert.Equal("ACTIVE", await Status(w));
            Assert.StartsWith("Running", Assert.Single(Census.Guests(w.State)).Value, StringComparison.Ordinal);
        }),
        ["SnapshotServer"] = new(WithoutSnapshot, w => w.Act("createImage", new JsonObject { ["name"] = "snapshot" }), async (w, fails) =>
        {
            Assert.Equal("ACTIVE", await Status(w));
            Assert.Equal(fails ? [] : ["active"], (await w.Client.Get("image/v2/images?name=snapshot", default))["images"]!.AsArray().Select(i => i!["status"]!.GetValue<string>()));
        }, Fails: "Snapshot"),
        ["AttachInterface"] = new(OneCard, Attach, async (w, fails) => Assert.Equal(fails ? 1 : 2, (await Cards(w)).Count), Fails: "AttachNic"),
        ["ImportImage"] = new(Staged, async w => await w.Client.Post($"image/v2/images/{(await Images(w, "import"))[0]["id"]}/import", new JsonObject { ["method"] = new JsonObject { ["name"] = "glance-direct" } }, default),
            async (w, _) => Assert.Equal(["active"], (await Images(w, "import")).Select(i => i["status"]!.GetValue<string>()))),
        ["ImportLocation"] = new(async w => await NewImage(w, "located"), async w => await w.Client.Post($"image/v2/images/{(await Images(w, "located"))[0]["id"]}/locations", new JsonObject { ["url"] = await Mirror.Url }, default),
            async (w, _) => Assert.Equal([("active", Mirror.Hash)], (await Images(w, "located")).Select(i => (i["status"]!.GetValue<string>(), i["os_hash_value"]!.GetValue<string>())))),
        ["DeleteData"] = new(Uploaded, async w => await w.Client.Delete($"image/v2/images/{(await Images(w, "doomed"))[0]["id"]}", default), async (w, _) => Assert.Empty(await Images(w, "doomed"))),
        ["DetachInterface"] = new(TwoCards, async w => await w.Client.Delete($"{await w.ServerPath()}/os-interface/{(await Cards(w))[^1]}", default), async (w, _) => Assert.Single(await Cards(w))),
    };

    /// <summary>Which operation brings the node to a step of its own.</summary>
    private static readonly Dictionary<string, string> OfNode = new()
    {
        ["switch"] = "CreateServer", ["dhcp"] = "CreateServer", ["Define"] = "CreateServer", ["Power"] = "CreateServer", ["Plug"] = "AttachInterface", ["Unplug"] = "DetachInterface",
        ["Remove"] = "DeleteServer", ["remove-port"] = "DeleteServer", ["remove-group"] = "DeleteServer", ["remove-members"] = "DeleteServer",
        ["report-port"] = "CreateServer", ["report-dhcp"] = "CreateServer", ["report-server"] = "CreateServer",
    };

    public static IReadOnlyCollection<string> NodeSteps => OfNode.Keys;

    public static Trigger Of(CrashCase at) => Of(at.Operation == "Node" ? OfNode[at.Step] : at.Operation);

    /// <summary>A new operation has to be added above: else this fails.</summary>
    public static Trigger Of(string operation) => Known.GetValueOrDefault(operation)
        ?? throw new InvalidOperationException($"Nobody has said how {operation} is brought about: add it to {nameof(Trigger)}.{nameof(Known)}.");

    private static async Task CheckCreated(CrashWorld world, bool fails)
    {
        var servers = await world.Servers();
        // Cut off before it was answered, and before anything was written down.
        if (servers.Count == 0) return;
        Assert.Equal(fails ? "ERROR" : "ACTIVE", servers[0]["status"]!.GetValue<string>());
        if (fails) Assert.NotEmpty(servers[0]["fault"]!["message"]!.GetValue<string>());
        Assert.Equal(fails ? 0 : 1, Census.Guests(world.State).Count);
        if (!fails) await CrashWorld.Until(async () => (await world.Client.Get($"network/v2.0/ports?device_id={servers[0]["id"]}&status=ACTIVE", default))["ports"]!.AsArray().Count == 1, "The server's port is not ACTIVE.");
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

    private static async Task WithoutSnapshot(CrashWorld world)
    {
        await WithoutImage(world, "snapshot");
        await Running(world);
    }

    private static async Task<List<JsonObject>> Images(CrashWorld world, string name) =>
        [.. (await world.Client.Get($"image/v2/images?name={name}", default))["images"]!.AsArray().Select(i => i!.AsObject())];

    private static async Task WithoutImage(CrashWorld world, string name)
    {
        foreach (var image in await Images(world, name)) await world.Client.Delete($"image/v2/images/{image["id"]}", default);
        await world.Settled();
    }

    private static async Task<string> NewImage(CrashWorld world, string name)
    {
        await WithoutImage(world, name);
        var made = await world.Client.Post("image/v2/images", new JsonObject { ["name"] = name, ["disk_format"] = "raw", ["container_format"] = "bare" }, default);
        return $"image/v2/images/{made["id"]}";
    }

    private static async Task Staged(CrashWorld world) => await world.Client.Upload($"{await NewImage(world, "import")}/stage", new MemoryStream(new byte[4096]), default);

    private static async Task Uploaded(CrashWorld world) => await world.Client.Upload($"{await NewImage(world, "doomed")}/file", new MemoryStream(new byte[4096]), default);

    /// <summary>In whatever state: to remove one on the way would be to delete already.</summary>
    private static async Task Present(CrashWorld world)
    {
        if (await world.Server() is null) await Running(world);
    }

    private static async Task<List<string>> Cards(CrashWorld world) =>
        [.. (await world.Client.Get($"{await world.ServerPath()}/os-interface", default))["interfaceAttachments"]!.AsArray().Select(i => i!["port_id"]!.GetValue<string>())];

    private static async Task Attach(CrashWorld world) =>
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
        await Attach(world);
        await world.Settled();
        Assert.Equal(2, (await Cards(world)).Count);
    }
}
